import { Text } from "@mantine/core";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { DraftText } from "../../inputs/DraftText.tsx";
import { textOf } from "../../panel-edit.ts";
import styles from "../QueryForm.module.css";
import type { QueryFormProps } from "../query-form.ts";

const css = classesOf(styles);

/** The form for a target of Graphite. */
export default function GraphiteForm({ query, onEdit }: QueryFormProps) {
  return (
    <div className={css("form")}>
      <DraftText
        label="Target"
        placeholder="aliasByNode(servers.*.cpu.load, 1)"
        rows={3}
        value={textOf(query, "target")}
        onCommit={(target) =>
          onEdit([
            { path: ["target"], value: target },
            // Grafana's copy of the target, in which references are replaced, would have precedence.
            { path: ["targetFull"], value: undefined },
          ])
        }
      />
      <Text size="xs" c="dimmed">
        #A is the target of query A. $__interval is the interval of the panel.
      </Text>
    </div>
  );
}
