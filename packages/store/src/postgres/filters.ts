/** The conditions of a statement that is put together, and its parameters; the tenant is the first. */
export function createFilters(tenant: string) {
  const values: unknown[] = [tenant]
  return {
    values,
    where: ['tenant = $1'],
    /** Takes a parameter, and answers how the text calls it. */
    add: (value: string | number): string => `$${values.push(value)}`,
  }
}
