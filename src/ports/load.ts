/** The load of the process as a port. The Node implementation is in `node/load.ts`. */

/** What the process takes at a moment. */
export interface Load {
  /** Share of the memory that it may use, 0 to 1. */
  readonly memoryRatio: number
  /** Share of all processors that it has used since it was last asked, 0 to 1. */
  readonly cpuRatio: number
}

/** Measures the load of the process. */
export interface LoadSampler {
  sample(): Load
}
