import { Badge } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconClock, IconFlame, IconQuestionMark, IconX } from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";

/** Everything that has a state of health, in the words of the API. */
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

/** Colour family of a state: the same word has the same colour everywhere. */
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

/** A state as word, icon and colour; with a number, how many are in it. */
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
