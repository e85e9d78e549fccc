/** Which runner runs what. */
import type { Startable } from '../../src/hooks/operation/executable.ts'
import { sharedAgent } from '../agent/agents-in-system.ts'
import { toolRunner } from '../tool/tool-runner.ts'
import { workflowRunner } from '../workflow/workflow-runner.ts'
import type { Component } from './components.ts'
import type { Host } from './host.ts'

/** What a component is run with in a system. */
export function runnerOf(host: Host, component: Component): Startable {
  switch (component.type) {
    case 'tool':
      return toolRunner(host, component)
    case 'agent':
      return sharedAgent(host, component)
    case 'workflow':
      return workflowRunner(host, component)
  }
}
