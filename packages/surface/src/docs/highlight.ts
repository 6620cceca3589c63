import { escapeHtml } from './html-text.ts'

const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)|(?<word>\b(?:as|async|await|const|export|false|from|function|import|new|null|return|true|type|undefined)\b)|(?<number>\b\d[\d_.]*\b)/g

/** TypeScript as HTML, with comments, texts, keywords and numbers marked. */
export function highlight(code: string): string {
  let html = ''
  let from = 0
  for (const { 0: token, index, groups = {} } of code.matchAll(TOKEN)) {
    const [name] = Object.entries(groups).find(([, found]) => found !== undefined) ?? ['']
    html += `${escapeHtml(code.slice(from, index))}<span class="${name}">${escapeHtml(token)}</span>`
    from = index + token.length
  }
  return html + escapeHtml(code.slice(from))
}
