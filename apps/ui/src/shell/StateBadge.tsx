import { Badge } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconClock, IconFlame, IconQuestionMark, IconX } from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";

/** All states of targets, rules, alerts and silences, as the APIs name them. */
export type State =
  | "up"
  | "down"
  | "ok"
  | "err"
  | "unknown"
  | "inactive"
  | "pending"
  | "firing"
  | "active"
  | "suppressed"
  | "unprocessed"
  | "dropped";

/** Colour of each state. The same state has the same colour on all pages. */
export const stateColor: Readonly<Record<State, string>> = {
  up: "fennel",
  ok: "fennel",
  inactive: "fennel",
  active: "red",
  down: "red",
  err: "red",
  firing: "red",
  pending: "ember",
  unknown: "gray",
  unprocessed: "gray",
  suppressed: "gray",
  dropped: "gray",
};

const icons: Readonly<Record<State, Icon>> = {
  up: IconCheck,
  ok: IconCheck,
  inactive: IconCheck,
  active: IconFlame,
  firing: IconFlame,
  down: IconX,
  err: IconAlertTriangle,
  pending: IconClock,
  unknown: IconQuestionMark,
  unprocessed: IconClock,
  suppressed: IconClock,
  dropped: IconX,
};

/** Shows a state as a badge with text, icon and colour, optionally with a count. */
export function StateBadge({ state, count, label }: { state: State; count?: number; label?: string }) {
  const StateIcon = icons[state];
  return (
    <Badge
      variant="light"
      color={stateColor[state]}
      leftSection={<StateIcon size={12} aria-hidden />}
      data-state={state}
    >
      {label ?? state}
      {count !== undefined && ` (${count})`}
    </Badge>
  );
}
