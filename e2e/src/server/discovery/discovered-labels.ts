/** Labels of one target before relabelling. */
export type FoundLabels = Readonly<Record<string, string>>;

/**
 * Returns the labels that discovery found for each target of a server, also for targets that relabeling drops, in an
 * order that does not depend on the server.
 */
export async function discoveredLabels(
  base: string,
  isCompared = (name: string): boolean => /^(?:__address__|__meta_.*|job|instance)$/.test(name),
): Promise<readonly FoundLabels[]> {
  const response = await fetch(`${base}/api/v1/targets`);
  const { data } = (await response.json()) as {
    data: Record<"activeTargets" | "droppedTargets", { discoveredLabels: FoundLabels }[]>;
  };
  const found = [...data.activeTargets, ...data.droppedTargets].map((target) =>
    Object.fromEntries(Object.entries(target.discoveredLabels).filter(([name]) => isCompared(name))),
  );
  return inOrder(found);
}

/** Returns targets with their labels in the order of the names, in the order of these labels. */
export const inOrder = (targets: readonly FoundLabels[]): readonly FoundLabels[] =>
  targets
    .map((labels) => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort()
    .map((text) => Object.fromEntries(JSON.parse(text) as [string, string][]));
