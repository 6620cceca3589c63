import { hash } from 'node:crypto'

/** A statement with the name under which a connection keeps it; without a name it is sent anew each time. */
export interface Statement {
  readonly name: string
  readonly text: string
}

/** A statement and its parameters. */
export type Asked = readonly [statement: Statement, values: readonly unknown[]]

/**
 * A statement that is planned anew each time, by its parameters: for rare work on many rows, where a plan that was kept from the days when
 * the tables were empty would walk all of them.
 */
export function unkept(text: string): Statement {
  return { name: '', text }
}

/**
 * Names a statement after its text, so that one name never stands for two texts: behind a pooler, processes of two releases can meet on
 * one connection.
 */
export function statement(text: string): Statement {
  return { name: `waymark_${hash('sha256', text, 'hex').slice(0, 24)}`, text }
}
