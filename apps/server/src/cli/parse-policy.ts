import { CliError } from './cli-error.ts'

const POLICIES = ['carry', 'pin', 'restart', 'exit']

/** The value of `--policy`. */
export function parsePolicy(policy: string): string {
  if (POLICIES.includes(policy)) return policy
  throw new CliError('usage', `--policy is ${JSON.stringify(policy)}. Expected one of ${POLICIES.join(', ')}.`)
}
