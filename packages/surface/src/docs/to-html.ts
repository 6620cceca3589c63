import type { ContractPage } from './contract-page.ts'
import type { FieldRow } from './field-rows.ts'
import { highlight } from './highlight.ts'
import { escapeHtml, inlineCode } from './html-text.ts'
import type { Labels } from './labels.ts'
import { type Block, type Inline, remedyOf, toBlocks } from './page-blocks.ts'

/** The main part of a page of a contract. What the contract says is in a language of its own, so each text finds its direction itself. */
export function toHtml(page: ContractPage, labels: Labels): string {
  const blocks = toBlocks(page, labels).map((block) => blockHtml(block, labels))
  return `<h1 dir="ltr">${breakable(page.meta.key)}</h1>
<p class="lead" dir="auto">${inlineCode(page.meta.description)}</p>
${blocks.join('\n')}`
}

/** A dotted name that may be broken behind its dots. */
export function breakable(key: string): string {
  return escapeHtml(key).replaceAll('.', '.<wbr>')
}

function blockHtml(block: Block, labels: Labels): string {
  switch (block.kind) {
    case 'heading':
      return heading(block)
    case 'text':
      return `<p dir="auto">${inlineCode(block.text)}</p>`
    case 'notice':
      return `<p class="notice">${inline(block.text)}</p>`
    case 'facts':
      return `<dl>${block.rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${inline(value)}</dd>`).join('')}</dl>`
    case 'links':
      if (block.items.length === 0) return none(labels)
      return `<ul>${block.items.map((item) => `<li>${inline(item)}</li>`).join('')}</ul>`
    case 'fields':
      if (block.rows.length === 0) return none(labels)
      return table(
        labels[block.id as 'input' | 'output' | 'payload'],
        [labels.field, labels.type, labels.presence, labels.meaning],
        block.rows.map((row) => fieldRow(row, block.id, labels)),
      )
    case 'errors':
      return errors(block, labels)
    case 'calls':
      return block.snippets
        .map(
          ({ surface, language, code }, index) =>
            `<details name="calls"${index === 0 ? ' open' : ''}><summary>${escapeHtml(labels.surfaces[surface])}</summary>${codeHtml(code, language)}</details>`,
        )
        .join('\n')
    case 'code':
      return codeHtml(block.code, block.language)
  }
}

function heading({ id, text, level = 2 }: Extract<Block, { kind: 'heading' }>): string {
  return `<h${level} id="${id}"><a href="#${id}">${inlineCode(text)}</a></h${level}>`
}

function errors({ title, rows }: Extract<Block, { kind: 'errors' }>, labels: Labels): string {
  const head = title === '' ? '' : `<h3>${escapeHtml(title)}</h3>`
  if (rows.length === 0) return head + none(labels)
  const cells = rows.map(
    (error) =>
      `<tr id="error-${error.code}"><th scope="row"><code>${error.code}</code></th><td>${error.http}</td><td dir="auto">${inlineCode(error.when)}</td><td dir="auto">${inlineCode(remedyOf(error, labels))}</td></tr>`,
  )
  const caption = title === '' ? labels.errors : title
  return head + table(caption, [labels.code, labels.status, labels.when, labels.remedy], cells)
}

function fieldRow({ path, type, required, description, rules }: FieldRow, section: string, labels: Labels): string {
  const id = `${section}-${path.replaceAll('[]', '').replaceAll('*', 'any').replaceAll('.', '-')}`
  const said = [inlineCode(description), ...rules.map((rule) => `<code dir="ltr">${escapeHtml(rule)}</code>`)]
  return `<tr id="${escapeHtml(id)}"><th scope="row" dir="ltr"><a href="#${escapeHtml(id)}"><code>${breakable(path)}</code></a></th><td dir="ltr"><code>${escapeHtml(type)}</code></td><td>${escapeHtml(required ? labels.required : labels.optional)}</td><td dir="auto">${said.filter((text) => text !== '').join(' ')}</td></tr>`
}

function table(name: string, head: readonly string[], rows: readonly string[]): string {
  return tableHtml(name, head.map(escapeHtml), rows)
}

/**
 * A table with the HTML of its heads and rows. It can be wider than the page, so it is a region that scrolls, also by the keyboard.
 * @param name of the region, as text.
 */
export function tableHtml(name: string, head: readonly string[], rows: readonly string[]): string {
  const cells = head.map((inner) => `<th scope="col">${inner}</th>`).join('')
  return `<div class="table" role="region" aria-label="${escapeHtml(name)}" tabindex="0"><table><thead><tr>${cells}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

/** Code that scrolls and can be copied; TypeScript is highlighted. */
export function codeHtml(code: string, language: string): string {
  return `<div class="code" dir="ltr"><pre tabindex="0"><code>${/^(ts|typescript|js)$/.test(language) ? highlight(code) : escapeHtml(code)}</code></pre></div>`
}

function none(labels: Labels): string {
  return `<p>${escapeHtml(labels.none)}</p>`
}

function inline(parts: readonly Inline[]): string {
  return parts
    .map((part) =>
      typeof part === 'string' ? inlineCode(part) : `<a href="${part.slug}.html" dir="ltr">${breakable(part.text)}</a>`,
    )
    .join('')
}
