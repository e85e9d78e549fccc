/** The tools, agents and workflows that a system knows, by type and name, and what each of them is run with. */
import { HookchartError } from '../../src/errors.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import type { ChildStart, Target, Targets } from '../../src/hooks/executor/operation.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import type { ParsedExecuteOptions } from '../../src/hooks/operation/options.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { AgentDefinition, AgentTool } from '../../machines/agent/definition.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { WorkflowDefinition } from '../../machines/workflow/tree.ts'

/** What a system runs. */
export type Component = ToolDefinition | AgentDefinition | WorkflowDefinition

/** The definitions by their types. */
export interface ComponentTypes {
  readonly tool: ToolDefinition
  readonly agent: AgentDefinition
  readonly workflow: WorkflowDefinition
}

/** Names in the order in which redirects look for them. */
const TYPES = ['tool', 'agent', 'workflow'] as const

/** See the head of this file. */
export class Components implements Targets {
  readonly #kernel: () => Kernel
  readonly #begin: (component: Component) => Startable
  readonly #byName = { tool: new Map(), agent: new Map(), workflow: new Map() } as {
    readonly [Type in keyof ComponentTypes]: Map<string, ComponentTypes[Type]>
  }
  readonly #startables = new WeakMap<Component, Startable>()

  constructor(kernel: () => Kernel, begin: (component: Component) => Startable) {
    this.#kernel = kernel
    this.#begin = begin
  }

  /** Makes a component known by its name. The same one twice is one. */
  register(component: Component, where: string): void {
    const { type, name } = component
    const known = this.#byName[type] as Map<string, Component>
    const other = known.get(name)
    if (other === component) return
    if (other !== undefined) {
      throw new HookchartError(
        'DUPLICATE_COMPONENT',
        `${where}: another ${type} is registered as "${name}". Give one of them another name.`,
        { details: { where, type, name } },
      )
    }
    known.set(name, component)
  }

  get<Type extends keyof ComponentTypes>(type: Type, name: string): ComponentTypes[Type] | undefined {
    return this.#byName[type].get(name)
  }

  list<Type extends keyof ComponentTypes>(type: Type): readonly ComponentTypes[Type][] {
    return [...this.#byName[type].values()]
  }

  /** A component by itself or by its name; by itself it need not be registered. */
  resolve<Type extends keyof ComponentTypes>(
    type: Type,
    given: ComponentTypes[Type] | string,
    where: string,
  ): ComponentTypes[Type] {
    if (typeof given !== 'string') return given
    const component = this.get(type, given)
    if (component !== undefined) return component
    const known = [...this.#byName[type].keys()]
    const knows = known.length === 0 ? `It has no ${type}s.` : `It knows ${known.join(', ')}.`
    throw new HookchartError('UNKNOWN_COMPONENT', `${where}: no ${type} is called "${given}". ${knows}`, {
      details: { where, type, name: given, known },
    })
  }

  /** What an agent works with: a tool, or an agent. A name is that of a tool, or else of an agent. */
  toolOf(given: AgentTool | string, where: string): AgentTool {
    if (typeof given !== 'string') return given
    return this.get('tool', given) ?? this.get('agent', given) ?? this.resolve('tool', given, where)
  }

  execute(
    component: Component,
    input: unknown,
    options: ParsedExecuteOptions,
    start?: ChildStart,
  ): RunResult | Promise<RunResult> {
    return this.begin(this.startableOf(component), input, options, start)
  }

  begin(
    startable: Startable,
    input: unknown,
    options: ParsedExecuteOptions,
    start?: ChildStart,
  ): RunResult | Promise<RunResult> {
    return execute(this.#kernel(), startable, input, options, start)
  }

  startableOf(component: Component): Startable {
    let startable = this.#startables.get(component)
    if (startable === undefined) this.#startables.set(component, (startable = this.#begin(component)))
    return startable
  }

  find(type: 'tool' | 'agent' | 'workflow' | undefined, name: string): Target | undefined {
    for (const each of type === undefined ? TYPES : [type]) {
      const component = this.get(each, name)
      if (component !== undefined) return (input, start) => this.execute(component, input, {}, start)
    }
    return undefined
  }

  names(): readonly string[] {
    return TYPES.flatMap((type) => [...this.#byName[type].keys()])
  }
}
