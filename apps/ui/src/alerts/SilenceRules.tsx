import { IconBellOff } from "@tabler/icons-react";
import { use } from "react";
import type { Matcher } from "../alertmanager/matcher-filter.ts";
import { silenceLink } from "../alertmanager/silence-links.ts";
import { SilenceButton } from "../alertmanager/SilenceButton.tsx";
import { literalPattern } from "../format/literal-pattern.ts";
import { ManagedAlertsContext } from "./use-managed-alerts.ts";

/** Maximum length of all names of a silence. */
const MAX_NAMES_LENGTH = 2000;

/** Returns the matcher for all alerts of rules, by their names. */
function matcherOfRules(names: readonly string[]): Matcher {
  const unique = [...new Set(names)].toSorted();
  return unique.length === 1
    ? { name: "alertname", operator: "=", value: unique[0]! }
    : { name: "alertname", operator: "=~", value: unique.map(literalPattern).join("|") };
}

/** Opens the form for a silence of all alerts of rules. Hidden if none is active, or without an Alertmanager. */
export function SilenceRules({ names, isActive }: { names: readonly string[]; isActive: boolean }) {
  const managed = use(ManagedAlertsContext);
  // The address of the form contains all names. Servers refuse longer addresses.
  if (managed === null || !isActive || names.join("").length > MAX_NAMES_LENGTH) return null;
  return (
    <SilenceButton to={silenceLink([matcherOfRules(names)])} icon={IconBellOff} variant="subtle">
      {names.length === 1 ? "Silence" : "Silence group"}
    </SilenceButton>
  );
}
