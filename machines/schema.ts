/** Standard Schemas in definitions: the check that something is one, and what one says of types. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { isStandardSchema } from '../src/hooks/points/point.ts'

/** What is given to a schema; `Otherwise` where there is no schema. */
export type SchemaInput<Schema, Otherwise = unknown> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Schema>
  : Otherwise

/** What a schema makes of it; `Otherwise` where there is no schema. */
export type SchemaOutput<Schema, Otherwise = unknown> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Otherwise

/**
 * A function that gives what a schema takes, or, without a schema, anything. A conditional type, so that what it gives is
 * checked against the schema's own types: `{ kind: 'a' }` is no `{ kind: string }` then.
 */
export type Work<Call, Output, Result> = Output extends StandardSchemaV1
  ? (call: Call) => Eventually<StandardSchemaV1.InferInput<Output>>
  : (call: Call) => Eventually<Result>

/** A value or a promise of it. */
export type Eventually<Value> = Value | PromiseLike<Value>

/** An option that is a schema. */
export const standardSchema = z.custom<StandardSchemaV1>(
  isStandardSchema,
  'expected a Standard Schema, such as z.object({ … })',
)
