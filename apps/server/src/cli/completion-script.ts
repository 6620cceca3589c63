/** Shells that can ask `waymark complete` what a word can become. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/**
 * A script that a shell reads at its start. It gives the words of the line to `waymark complete`, which answers a line for each
 * completion: the word, and its meaning behind a tab. Where there is none, the shell completes file names. That of zsh may be sourced, or be a
 * file in `fpath`, which zsh reads when the first line is completed and takes for the body of the function itself.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_waymark() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(waymark complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _waymark waymark
`,
  zsh: `#compdef waymark
_waymark() {
  local -a found
  local line
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(waymark complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} > 0 )); then _describe waymark found; else _files; fi
}
if [[ $funcstack[1] == _waymark ]]; then _waymark "$@"; else compdef _waymark waymark; fi
`,
  fish: `function __waymark_complete
  set -l words (commandline -opc) (commandline -ct)
  waymark complete -- $words[2..-1] 2>/dev/null
end
complete -c waymark -a '(__waymark_complete)'
`,
}
