import type { ContractPage } from './contract-page.ts'
import type { FieldRow } from './field-rows.ts'
import type { Labels } from './labels.ts'
import { type Block, type Inline, remedyOf, toBlocks } from './page-blocks.ts'

/** A page as Markdown, with links to the Markdown of others. */
export function toMarkdown(page: ContractPage, labels: Labels): string {
  const blocks = toBlocks(page, labels).map((block) => blockText(block, labels))
  return `${[`# ${page.meta.key}`, page.meta.description, ...blocks].join('\n\n')}\n`
}

function blockText(block: Block, labels: Labels): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level ?? 2)} ${block.text}`
    case 'text':
      return block.text
    case 'notice':
      return `> ${inline(block.text)}`
    case 'facts':
      return block.rows.map(([name, value]) => `- ${name}: ${inline(value)}`).join('\n')
    case 'links':
      return block.items.length === 0 ? labels.none : block.items.map((item) => `- ${inline(item)}`).join('\n')
    case 'fields':
      return table(
        [labels.field, labels.type, labels.presence, labels.meaning],
        block.rows.map((row) => fieldCells(row, labels)),
        labels,
      )
    case 'errors': {
      const rows = block.rows.map((error) => [`\`${error.code}\``, String(error.http), error.when, remedyOf(error, labels)])
      const title = block.title === '' ? '' : `${block.title}:\n\n`
      return `${title}${table([labels.code, labels.status, labels.when, labels.remedy], rows, labels)}`
    }
    case 'calls':
      return block.snippets
        .map(({ surface, language, code }) => `${labels.surfaces[surface]}:\n\n${fenced(language, code)}`)
        .join('\n\n')
    case 'code':
      return fenced(block.language, block.code)
  }
}

function fieldCells({ path, type, required, description, rules }: FieldRow, labels: Labels): string[] {
  const meaning = [description, ...rules.map((rule) => `\`${rule}\``)].filter((text) => text !== '').join(' ')
  return [`\`${path}\``, `\`${type}\``, required ? labels.required : labels.optional, meaning]
}

function table(head: readonly string[], rows: readonly (readonly string[])[], labels: Labels): string {
  if (rows.length === 0) return labels.none
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function inline(parts: readonly Inline[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : `[${part.text}](${part.slug}.md)`)).join('')
}

/** A fence that is longer than any in the code. */
function fenced(language: string, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${code}\n${fence}`
}
