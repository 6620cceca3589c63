import type { Summary } from './measure.ts'

/** One line of the result. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly value: Summary
  readonly ratio?: Ratio
  readonly figures?: readonly Figure[]
}

export interface Ratio extends Summary {
  /** What is divided by what, in words. */
  readonly of: string
}

/** A figure to reach. */
export interface Figure {
  readonly text: string
  readonly reached: boolean
}

export interface GroupResult {
  readonly group: string
  readonly seconds: number
  readonly rows: readonly Row[]
}

export function atMost(limit: number, unit: string, value: number): Figure {
  return { text: `≤ ${toNumber(limit)} ${unit}`.trim(), reached: value <= limit }
}

export function atLeast(limit: number, unit: string, value: number): Figure {
  return { text: `≥ ${toNumber(limit)} ${unit}`.trim(), reached: value >= limit }
}

/** A result as a table for a terminal; ratios come first, because absolute figures belong to one machine and one moment. */
export function toTable({ group, seconds, rows }: GroupResult): string {
  const cells = rows.map(({ what, unit, value, ratio, figures = [] }) => [
    what,
    ratio === undefined ? '' : toText(ratio),
    ratio?.of ?? '',
    `${toText(value)} ${unit}`,
    figures.map(({ text, reached }) => `${text}: ${reached ? 'yes' : 'no'}`).join(', '),
  ])
  const table = [[group, 'ratio', 'of', 'absolute', 'figure'], ...cells]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => (row[column] as string).length)))
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '))
  return `${lines.join('\n')}\n(${seconds.toFixed(0)} s)\n`
}

function toText({ median, low, high }: Summary): string {
  return low === high ? toNumber(median) : `${toNumber(median)} (${toNumber(low)}–${toNumber(high)})`
}

function toNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}
