import { Group, Select } from "@mantine/core";
import type { SavedReport } from "./report-api.ts";

/** Inputs for the paper and the theme of a report. */
export function LayoutFields({
  report: { options },
  onChange,
}: {
  report: SavedReport;
  onChange: (part: Partial<SavedReport>) => void;
}) {
  return (
    <Group grow align="flex-start">
      <Select
        label="Paper"
        allowDeselect={false}
        data={[
          { value: "landscape", label: "A4 landscape" },
          { value: "portrait", label: "A4 portrait" },
        ]}
        value={options.orientation}
        onChange={(orientation) => onChange({ options: { ...options, orientation: orientation ?? "landscape" } })}
      />
      <Select
        label="Theme"
        allowDeselect={false}
        data={[
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        value={options.theme}
        onChange={(theme) => onChange({ options: { ...options, theme: theme ?? "light" } })}
      />
    </Group>
  );
}
