/**
 * Returns a PromQL query for the age of a server's data. The result has a series for each offset at which
 * targets had been scraped. The label `before` of the series is the offset.
 * @param offsets such as `5m`
 */
export const ageProbe = (offsets: readonly string[]): string =>
  offsets.map((offset) => `label_replace(count(up offset ${offset}), "before", "${offset}", "", "")`).join(" or ");
