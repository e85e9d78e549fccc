/** The error for a point that does not exist, with the names that may be meant. */
import { HookchartError, nameOf } from '../../errors.ts'
import { isGlob } from './glob.ts'

/** `ids` are the points that there are. */
export function unknownPoint(point: unknown, ids: readonly string[], where = ''): HookchartError<'UNKNOWN_POINT'> {
  const text = nameOf(point)
  const hint =
    typeof point !== 'string' || !point.startsWith('custom:')
      ? ''
      : isGlob(point)
        ? ' Declare the points that it is for first, with definePoint and createHooks({ points }).'
        : ` Declare it with definePoint("${point.slice(7)}", …).`
  const near = typeof point === 'string' ? similar(point, ids) : []
  const suggestion = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  return new HookchartError(
    'UNKNOWN_POINT',
    `${where}There is no hook point ${text}.${hint}${suggestion} docs/hook-points.md lists them all.`,
    {
      details: { point: typeof point === 'string' ? point : text, similar: near },
    },
  )
}

/** The ids that begin most like a misspelt one. */
function similar(point: string, ids: readonly string[]): string[] {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '')
  const shared = (id: string) => {
    const [a, b] = [plain(point), plain(id)]
    let length = 0
    while (length < a.length && a[length] === b[length]) length++
    return length
  }
  const best = Math.max(...ids.map(shared))
  return best < 5 ? [] : ids.filter((id) => shared(id) === best).slice(0, 3)
}
