import { Chip, Group } from "@mantine/core";
import { DraftText } from "../inputs/DraftText.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { textOf } from "../panel-edit.ts";
import type { StepFormProps } from "./step-form.ts";

/** Selects the queries whose results are kept. */
export function RefIdFields({ options, input, onEdit }: StepFormProps) {
  const include = textOf(options, "include");
  const chosen = new Set(include === "" ? [] : include.split("|"));
  const refIds = [...new Set(input.flatMap(({ refId }) => refId ?? []))];
  const set = (text: string): void => onEdit([{ path: ["include"], value: text === "" ? undefined : text }]);
  const toggle = (refId: string): void => {
    const next = new Set(chosen);
    if (!next.delete(refId)) next.add(refId);
    set([...next].join("|"));
  };
  return (
    <SettingRow name="Keep the results of" description="Empty: all queries. A regular expression also works.">
      <Group gap="xs">
        {refIds.map((refId) => (
          <Chip key={refId} size="xs" checked={chosen.has(refId)} onChange={() => toggle(refId)}>
            {refId}
          </Chip>
        ))}
      </Group>
      <DraftText label="Queries" value={include} onCommit={set} />
    </SettingRow>
  );
}
