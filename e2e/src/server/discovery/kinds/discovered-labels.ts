type LabelsByName = Readonly<Record<string, string>>;

/**
 * Returns the labels that discovery found for each target of a server, also for targets that relabeling drops, in a
 * fixed order.
 */
export async function discoveredLabels(
  base: string,
  isCompared = (name: string): boolean => /^(?:__address__|__meta_.*|job|instance)$/.test(name),
): Promise<readonly LabelsByName[]> {
  const response = await fetch(`${base}/api/v1/targets`);
  const { data } = (await response.json()) as {
    data: Record<"activeTargets" | "droppedTargets", { discoveredLabels: LabelsByName }[]>;
  };
  const texts = [...data.activeTargets, ...data.droppedTargets].map((target) => {
    const labels = Object.entries(target.discoveredLabels).filter(([name]) => isCompared(name));
    return JSON.stringify(Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1))));
  });
  return texts.sort().map((text) => JSON.parse(text) as LabelsByName);
}
