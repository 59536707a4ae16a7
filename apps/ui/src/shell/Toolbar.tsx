import { useTimeZone } from "./time-zone.ts";
import { ActionIcon, Group, NativeSelect, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { formatInstantWithZone } from "../format/instant.ts";
import { applyRefreshChoice, isRefreshChoice, refreshIntervals } from "../time/refresh-choice.ts";
import type { RefreshChoice } from "../time/refresh-choice.ts";
import { useRefresh } from "../time/refresh-context.ts";
import { readStored, writeStored } from "./preferences.ts";

const words: Partial<Record<RefreshChoice, string>> = { auto: "Auto refresh", off: "No refresh" };
const listChoices: readonly RefreshChoice[] = ["auto", "off", ...refreshIntervals];

/** Buttons for refreshing the queries in the surrounding context, now or at an interval that the browser stores. */
export function Toolbar({
  storageKey = "refresh.interval",
  choices = listChoices,
}: {
  /** Local storage key of the selected interval. */
  storageKey?: string;
  /** Selectable intervals. The first one is the default. */
  choices?: readonly RefreshChoice[];
}) {
  const { refresh, state } = useRefresh();
  const zone = useTimeZone();
  const [choice, setChoice] = useState<RefreshChoice>(() => {
    const kept = readStored<string>(storageKey, "");
    return isRefreshChoice(kept, choices) ? kept : (choices[0] ?? "auto");
  });
  useEffect(() => applyRefreshChoice(refresh, choice), [refresh, choice]);
  const { lastRefreshMs } = state;
  const last = lastRefreshMs === null ? "" : `, last at ${formatInstantWithZone(lastRefreshMs, zone)}`;
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label="Refresh">
      <Tooltip label={`Refresh now${last}`}>
        <ActionIcon variant="default" size={30} aria-label="Refresh now" onClick={() => refresh.refreshNow()}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      <NativeSelect
        size="xs"
        aria-label="Refresh interval"
        value={choice}
        data={choices.map((value) => ({ value, label: words[value] ?? `every ${value}` }))}
        onChange={({ currentTarget: { value } }) => {
          if (!isRefreshChoice(value, choices)) return;
          writeStored(storageKey, value);
          setChoice(value);
        }}
      />
    </Group>
  );
}
