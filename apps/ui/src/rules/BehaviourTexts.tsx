import { Text, Tooltip } from "@mantine/core";
import type { AlertingRule } from "../api/rule-data.ts";
import { behaviourTexts } from "./behaviour-text.ts";

/** Shows the behaviour of an alerting rule. Nothing if the rule has no behaviour. */
export function BehaviourTexts({ rule: { behaviour } }: { rule: Pick<AlertingRule, "behaviour"> }) {
  if (behaviour === undefined) return null;
  return behaviourTexts(behaviour).map((text) => (
    <Tooltip key={text} label={`${behaviour.file}:${behaviour.line}`}>
      <Text size="xs" className="wrap-anywhere">
        {text}
      </Text>
    </Tooltip>
  ));
}
