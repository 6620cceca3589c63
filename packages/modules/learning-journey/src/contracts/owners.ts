/** Who answers for the contracts of this module. */
export const LEARNING_JOURNEY_OWNERS = ['learning-journey'] as const
