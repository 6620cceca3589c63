/** What the application did before: a list of deals, kept in memory. */
export interface Deal {
  readonly id: string
  readonly owner: string
  readonly amount: number
}

const deals: Deal[] = []

export function addDeal(deal: Omit<Deal, 'id'>): Deal {
  const added = { id: `deal-${deals.length + 1}`, ...deal }
  deals.push(added)
  return added
}

export function listDeals(owner: string): readonly Deal[] {
  return deals.filter((deal) => deal.owner === owner)
}
