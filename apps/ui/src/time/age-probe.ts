/**
 * Returns a PromQL query that tells how old the data of a server is. The result has a series for each offset at which
 * targets had been scraped. The label `before` of the series is the offset.
 * @param offsets such as `5m`
 */
export const ageProbe = (offsets: readonly string[]): string =>
  offsets.map((offset) => `label_replace(count(up offset ${offset}), "before", "${offset}", "", "")`).join(" or ");
