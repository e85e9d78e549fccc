/** One selective hook: its factory, the instance that it has or is getting, and how it is called. */
import { HookchartError } from '../../errors.ts'
import type { HookContext } from '../context.ts'
import { isPromise } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import { assertInstance } from './instance.ts'
import type { HookFactory, HookInstance } from './instance.ts'
import type { Instances, Live } from './instances.ts'

/** An instance that is being made, and the calls that wait for it. */
interface Making {
  promise: Promise<Live> | undefined
  waiting: number
}

/** A hook that is made when it is called. */
export class SelectiveHook {
  /** Known once it is registered. */
  name = ''
  /** Calls so far. */
  accesses = 0
  /** Calls of the factory that threw, rejected or made no hook. */
  failures = 0
  readonly #factory: HookFactory
  readonly #instances: Instances
  #live: Live | undefined
  #making: Making | undefined
  #retired = false

  constructor(factory: HookFactory, instances: Instances) {
    this.#factory = factory
    this.#instances = instances
  }

  get live(): boolean {
    return this.#live !== undefined
  }

  /** Calls the hook, making it first if there is none. `isLast`: it is not called again, so the instance goes with this call. */
  call(ctx: HookContext, isLast: boolean): unknown {
    this.accesses++
    let live: Maybe<Live>
    try {
      live = this.#use()
    } finally {
      if (isLast) this.retire()
    }
    if (!isPromise(live)) return this.#run(live, ctx)
    // Read before anybody waits: after its deadline a hook must not be called any more, however late its factory is.
    const { signal } = ctx
    return live.then((made) => {
      if (!signal.aborted) return this.#run(made, ctx)
      this.#instances.end(made)
      throw signal.reason
    })
  }

  /** Makes the instance ahead of the first call, while there is room. If that fails, the first call tries again. */
  preload(): void {
    if (this.#retired || this.#live !== undefined || this.#making !== undefined || !this.#instances.hasRoom) return
    const done = (live: Live) => {
      this.#instances.end(live)
    }
    try {
      const live = this.#use()
      if (isPromise(live)) live.then(done, () => undefined)
      else done(live)
    } catch {
      // Counted in `failures`.
    }
  }

  /** The hook is gone. Its instance goes; one that is being made serves only the calls that wait for it. */
  retire(): void {
    this.#retired = true
    if (this.#live !== undefined) this.#instances.leave(this.#live, 'unregistered')
  }

  /** The instance, with this use of it counted. */
  #use(): Maybe<Live> {
    if (this.#live !== undefined) {
      this.#instances.begin(this.#live)
      return this.#live
    }
    if (this.#making === undefined) return this.#make()
    const { promise } = this.#making
    if (promise === undefined) throw ownCall(this.name)
    this.#making.waiting++
    return promise
  }

  #make(): Maybe<Live> {
    const making: Making = { promise: undefined, waiting: 1 }
    this.#making = making
    let made: ReturnType<HookFactory>
    try {
      made = this.#factory()
      if (!isPromise(made)) return this.#keep(made, making)
    } catch (error) {
      throw this.#failed(error)
    }
    making.promise = Promise.resolve(made).then(
      (instance) => {
        try {
          return this.#keep(instance, making)
        } catch (error) {
          throw this.#failed(error)
        }
      },
      (error: unknown) => {
        throw this.#failed(error)
      },
    )
    return making.promise
  }

  #keep(instance: HookInstance, { waiting }: Making): Live {
    assertInstance(instance, this.name)
    this.#making = undefined
    const live: Live = {
      hook: this.name,
      instance,
      running: waiting,
      leaving: this.#retired ? 'unregistered' : undefined,
      onLeave: () => {
        if (this.#live === live) this.#live = undefined
      },
    }
    if (!this.#retired) this.#live = live
    this.#instances.add(live)
    return live
  }

  /** The next call tries again. */
  #failed(error: unknown): unknown {
    this.failures++
    this.#making = undefined
    return error
  }

  #run(live: Live, ctx: HookContext): unknown {
    const { instance } = live
    let result: unknown
    try {
      result = typeof instance === 'function' ? instance(ctx) : instance.handler(ctx)
    } catch (thrown) {
      this.#instances.end(live)
      throw thrown
    }
    if (isPromise(result)) {
      return Promise.resolve(result).finally(() => {
        this.#instances.end(live)
      })
    }
    this.#instances.end(live)
    return result
  }
}

function ownCall(name: string): HookchartError {
  return new HookchartError(
    'HOOK_FAILED',
    `The factory of hook "${name}" fires a point at which the hook itself stands.`,
  )
}
