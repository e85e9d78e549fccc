/**
 * Gates of machines: nothing is taken that a hook has not let through in this very stay in its state, nothing twice, and
 * nothing that a hook refused; whatever the order of events, decisions and waits, with gates of one point in two regions.
 */
import fc from 'fast-check'
import * as real from 'hookchart'
import { createActor, setup } from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'
import { testLawOf } from './support/law.ts'

type Subject = typeof real

/** What a hook does in one call. */
interface Answer {
  readonly decision: 'let' | 'change' | 'refuse'
  readonly waits: boolean
  /** It makes the machine leave the state, come back and ask anew, before it answers. */
  readonly leaves: boolean
}

type Sent = 'ASK' | 'LEAVE' | 'BACK'

const answer: fc.Arbitrary<Answer> = fc.record({
  decision: fc.constantFrom('let', 'change', 'refuse'),
  waits: fc.boolean(),
  leaves: fc.constantFrom(false, false, true),
})
const sent = fc.constantFrom<Sent[]>('ASK', 'ASK', 'LEAVE', 'BACK')

/** What happened: stays are counted region by region. */
type Happened =
  | { readonly what: 'asked'; readonly n: number; readonly stays: readonly number[] }
  | { readonly what: 'let' | 'refused'; readonly n: number; readonly stays: readonly number[] }
  | {
      readonly what: 'taken'
      readonly n: number
      readonly region: number
      readonly stay: number
      readonly changed: boolean
    }

interface World {
  readonly happened: Happened[]
  readonly stays: [number, number]
}

type Make = (subject: Subject, world: World, point: ReturnType<Subject['definePoint']>) => AnyStateMachine

interface AskEvent {
  readonly type: 'ASK'
  readonly n: number
  readonly changed?: boolean
}

/** Two regions that take ASK by gates of one point. */
const withHooked: Make = ({ hooked }, world, point) => {
  const region = (index: 0 | 1) => ({
    initial: 'ready',
    states: {
      ready: {
        entry: () => void world.stays[index]++,
        on: {
          ASK: {
            target: 'done',
            actions: ({ event }: { event: unknown }) => {
              const { n, changed = false } = event as AskEvent
              world.happened.push({ what: 'taken', n, region: index, stay: world.stays[index], changed })
            },
          },
          LEAVE: 'away',
        },
      },
      away: { on: { BACK: 'ready' } },
      done: { on: { BACK: 'ready' } },
    },
  })
  const machine = setup({}).createMachine({ id: 'both', type: 'parallel', states: { a: region(0), b: region(1) } })
  return hooked(machine, { on: { ASK: { before: point } } })
}

/** The same with a gate as a state. */
const withGate: Make = ({ gate }, world, point): AnyStateMachine => {
  const region = (index: 0 | 1) => {
    const take = {
      target: 'done',
      actions: ({ event }: { event: unknown }) => {
        const { output } = event as { output: { data: { input: { n: number; changed?: boolean } } } }
        const { n, changed = false } = output.data.input
        world.happened.push({ what: 'taken', n, region: index, stay: world.stays[index], changed })
      },
    }
    const routes = { continue: take, modified: take, cancel: 'ready', replace: 'ready', redirect: 'ready' }
    const asking = gate(point, routes)
    return {
      initial: 'ready',
      states: {
        ready: { on: { ASK: 'asking', LEAVE: 'away' } },
        asking: { ...asking, entry: () => void world.stays[index]++, on: { LEAVE: 'away' } },
        away: { on: { BACK: 'ready' } },
        done: { on: { BACK: 'ready' } },
      },
    }
  }
  return setup({}).createMachine({
    id: 'both',
    type: 'parallel',
    states: { a: region(0), b: region(1) },
  } as never) as never
}

const law = (make: Make) => (subject: Subject) =>
  fc.asyncProperty(
    fc.array(answer, { minLength: 1, maxLength: 12, size: 'max' }),
    fc.array(sent, { minLength: 1, maxLength: 25, size: 'max' }),
    fc.scheduler(),
    async (answers, sends, scheduler) => {
      const world: World = { happened: [], stays: [0, 0] }
      const point = subject.definePoint('before_ask', { phase: 'before' })
      const hooks = subject.createHooks({ points: [point], executor: { breaker: false } })
      let calls = 0
      const actors: AnyActorRef[] = []
      hooks.register(
        point,
        (ctx) => {
          const { n } = (ctx.data as { input: { n: number } }).input
          const stays = [...world.stays]
          world.happened.push({ what: 'asked', n, stays })
          const { decision, waits, leaves } = answers[calls++ % answers.length] as Answer
          const decide = () => {
            world.happened.push({ what: decision === 'refuse' ? 'refused' : 'let', n, stays })
            if (leaves && calls < 40) {
              actors[0]?.send({ type: 'LEAVE' })
              actors[0]?.send({ type: 'BACK' })
              actors[0]?.send({ type: 'ASK', n: 1_000 + calls })
            }
            if (decision === 'refuse') return subject.hook.cancel('no')
            return decision === 'change' ? subject.hook.modified({ input: { n, changed: true } }) : undefined
          }
          return waits ? scheduler.schedule(Promise.resolve(), `answer ${String(n)}`).then(decide) : decide()
        },
        { timeoutMs: 1_000_000 },
      )
      const machine = make(subject, world, point)
      const actor = createActor(machine.provide(hooks.provide() as never)).start()
      actors.push(actor)
      for (const [n, type] of sends.entries()) {
        void scheduler.schedule(Promise.resolve(), `send ${type}`).then(() => {
          actor.send(type === 'ASK' ? { type, n } : { type })
        })
      }
      await scheduler.waitIdle()
      await hooks.stop()
      for (const [i, each] of world.happened.entries())
        if (each.what === 'taken') assertLet(each, world.happened.slice(0, i))
    },
  )

function assertLet(taken: Extract<Happened, { what: 'taken' }>, before: readonly Happened[]): void {
  const same = before.filter(({ n }) => n === taken.n)
  const lets = same.filter((each) => each.what === 'let' && each.stays[taken.region] === taken.stay)
  const takenInStay = same.filter((each) => each.what === 'taken' && each.region === taken.region)
  if (lets.length === 0) throw new Error(`${JSON.stringify(taken)} was taken, but not let through in this stay`)
  if (takenInStay.length > 0) throw new Error(`${JSON.stringify(taken)} was taken twice`)
  const allTaken = same.filter(({ what }) => what === 'taken').length + 1
  const allLet = same.filter(({ what }) => what === 'let').length
  if (allTaken > allLet)
    throw new Error(`${JSON.stringify(taken)}: ${String(allTaken)} taken, ${String(allLet)} let through`)
}

testLawOf(real, 'src/index.ts', 'gates on transitions', law(withHooked), [
  {
    name: 'what was let through before its state was left is taken after it was entered again',
    file: 'src/hooks/gates/admissions.ts',
    from: 'admission.live = false',
    to: 'admission.live = true',
  },
  {
    name: 'one region takes what the gate of another let through',
    file: 'src/hooks/gates/admissions.ts',
    from: 'admission?.live === true && admission.gate === gate',
    to: 'admission?.live === true',
  },
  {
    name: 'leaving the state does not end what waits there',
    file: 'src/hooks/gates/gate-keeper.ts',
    from: 'if (running.source !== source) continue',
    to: 'continue',
  },
  {
    name: 'a refused event comes through',
    file: 'src/hooks/gates/gate-keeper.ts',
    from: "const lets = decision.type === 'continue'",
    to: "const lets = decision.type === 'cancel' || decision.type === 'continue'",
  },
])

testLawOf(real, 'src/index.ts', 'gates that are states', law(withGate), [
  {
    name: 'a decision on its way when the gate was left opens the next pass',
    file: 'src/hooks/gates/gate-logic.ts',
    from: 'this.#live.delete(last)',
    to: 'void last',
  },
  {
    name: 'any decision is good for any route',
    file: 'src/hooks/gates/gate-logic.ts',
    from: '&& output.type === type',
    to: '',
  },
  {
    name: 'one region takes the decision of the gate of another',
    file: 'machines/gates/gate.ts',
    from: '...(child !== undefined && { id: child }),',
    to: 'id: child ?? id,',
  },
])
