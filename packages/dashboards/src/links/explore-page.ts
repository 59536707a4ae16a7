/** Returns the address of the Explore page with a pane, in Grafana's format. */
export function explorePageAddress(pane: object): string {
  const parameters = new URLSearchParams({ schemaVersion: "1", panes: JSON.stringify({ a: pane }), orgId: "1" });
  return `/explore?${parameters.toString()}`;
}
