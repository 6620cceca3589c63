/**
 * The words of one command line as a POSIX shell reads it: quotes, line ends behind a backslash, variables, and `$(uuidgen)`. What else
 * a shell does is refused.
 */
export function shellWords(line: string, variables: Readonly<Record<string, string>> = {}): string[] {
  const words: string[] = []
  let word: string | undefined
  let rest = line
  while (rest !== '') {
    const [token] = TOKEN.exec(rest) ?? []
    if (token === undefined) throw new Error(`This is not read here: ${rest.slice(0, 40)}`)
    rest = rest.slice(token.length)
    if (/^(\s|\\\n)/.test(token)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (token.startsWith("'")) word = (word ?? '') + token.slice(1, -1)
    else if (token.startsWith('"')) word = (word ?? '') + expanded(token.slice(1, -1), variables)
    else if (token.startsWith('\\')) word = (word ?? '') + token.slice(1)
    else word = (word ?? '') + token
  }
  return word === undefined ? words : [...words, word]
}

const TOKEN = /^(?:\\\n\s*|\s+|'[^']*'|"[^"`\\]*"|\\[^\n]|[^\s'"\\$`&|;<>()*?{}[\]~#!]+)/

function expanded(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\(uuidgen\)|\$(\w+)/g, (found, name?: string) => {
    if (name === undefined) return crypto.randomUUID()
    const value = variables[name]
    if (value === undefined) throw new Error(`There is no value of ${found}.`)
    return value
  })
}
