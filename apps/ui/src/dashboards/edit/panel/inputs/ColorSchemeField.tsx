import { NativeSelect } from "@mantine/core";
import { colorModes, findColorMode, panelKindOf } from "@narthex/dashboards";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { usePanelEditing } from "../panel-edit-context.ts";
import { isJsonObject, textOf } from "../panel-edit.ts";
import { Choice } from "./Choice.tsx";
import { ColorField } from "./ColorField.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./ColorSchemeField.module.css";

const css = classesOf(styles);

const groups = ["", "Accessible", "Others", "Experimental"].map((group) => ({
  group,
  items: colorModes.filter((mode) => mode.group === group).map(({ id, name }) => ({ value: id, label: name })),
}));
const data = [...(groups[0]?.items ?? []), ...groups.slice(1)];

const seriesBy = [
  { value: "last", label: "Last" },
  { value: "min", label: "Min" },
  { value: "max", label: "Max" },
];

/** Selects the rule that determines the colours of fields, for example by thresholds or by a palette. */
export function ColorSchemeField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: unknown;
  onChange: (color: unknown) => void;
}) {
  const { scheme } = useDashboardContext().theme;
  const color = isJsonObject(value) ? value : {};
  const { type } = usePanelEditing().panel;
  const id = textOf(color, "mode") || (panelKindOf(type)?.usualColor ?? "thresholds");
  const mode = findColorMode(id);
  const colors = mode.colors(scheme);
  const takesColor = mode.by === "fixed";
  return (
    <div className={css("scheme")}>
      <div className={css("line")}>
        <NativeSelect
          size="xs"
          className={css("modes")}
          aria-label={label}
          data={data}
          value={mode.id}
          onChange={({ currentTarget }) => onChange({ ...color, mode: currentTarget.value })}
        />
        {takesColor && (
          <ColorField
            label="Color"
            value={textOf(color, "fixedColor") || "text"}
            onChange={(fixedColor) => onChange({ ...color, mode: id, fixedColor })}
          />
        )}
      </div>
      {colors.length > 0 && (
        <div
          className={css("strip")}
          aria-hidden
          style={{
            background: `linear-gradient(to right, ${(mode.by === "value" ? colors : steps(colors)).join(", ")})`,
          }}
        />
      )}
      {mode.by === "value" && (
        <div className={css("by")}>
          <span className={css("hint")}>Color series by</span>
          <Choice
            label="Color series by"
            choices={seriesBy}
            value={textOf(color, "seriesBy") || "last"}
            onChange={(by) => onChange({ ...color, mode: id, seriesBy: by })}
          />
        </div>
      )}
    </div>
  );
}

/** Returns the colour stops of a gradient in which each colour is a solid block. */
const steps = (colors: readonly string[]): readonly string[] =>
  colors.slice(0, 12).map((color, at, { length }) => `${color} ${(at * 100) / length}% ${((at + 1) * 100) / length}%`);
