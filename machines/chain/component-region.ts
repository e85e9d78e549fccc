/** The region of one component in the chart of its chain. */
import { and, not } from 'xstate'
import type { ChainOutcome } from './chain-context.ts'
import type { ChainPlan } from './chain-plan.ts'
import { failsChain } from './component.ts'

const told = (type: ChainOutcome['type']) => ({ type: 'told' as const, params: { type } })

/** A component, from waiting for its turn to how it settled. */
export function regionOf({ id, after, onError }: ChainPlan['components'][number], phase: number, mayBeCutOff: boolean) {
  const of = { id }
  const act = (type: 'begin' | 'skip' | 'fallBack' | 'settle' | 'failChain') => ({ type, params: of })
  const failed = {
    guard: told('failed'),
    target: 'failed',
    actions: failsChain({ onError }, true) ? [act('settle'), act('failChain')] : [act('settle')],
  }
  const settled = [failed, { target: 'completed', actions: act('settle') }]
  const invoking = (src: 'component' | 'fallback', onDone: readonly object[]) => ({
    invoke: { id: `${src} ${id}`, src, input: of, onDone },
  })
  const hasFallback = typeof onError === 'object'
  return {
    meta: { component: id, phase },
    initial: 'waiting',
    states: {
      waiting: {
        always: [
          { guard: 'isStopped', target: 'skipped', actions: act('skip') },
          ...(mayBeCutOff
            ? [{ guard: { type: 'isCutOff', params: { after } }, target: 'skipped', actions: act('skip') }]
            : []),
          {
            guard: and([not('isPaused'), { type: 'isReady', params: { after } }] as never),
            target: 'running',
            actions: act('begin'),
          },
        ],
      },
      running: invoking('component', [
        ...(hasFallback
          ? [
              {
                guard: and([told('failed'), not('isStopped')] as never),
                target: 'fallingBack',
                actions: act('fallBack'),
              },
            ]
          : []),
        ...settled,
      ]),
      ...(hasFallback && { fallingBack: invoking('fallback', settled) }),
      completed: { type: 'final' },
      failed: { type: 'final' },
      skipped: { type: 'final' },
    },
  } as object
}

/** The key of a component's region: a dot would be taken for a path. */
export function keyOf(id: string): string {
  return id.replaceAll('%', '%25').replaceAll('.', '%2E')
}
