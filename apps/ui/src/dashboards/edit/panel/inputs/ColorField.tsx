import { Popover, UnstyledButton } from "@mantine/core";
import { cssColor, hexOf, paletteHues, rgbOf } from "@narthex/dashboards";
import { useState } from "react";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { DraftText } from "./DraftText.tsx";
import styles from "./ColorField.module.css";

const css = classesOf(styles);

const single = ["transparent", "text"];

/** Selects a colour: one of the palette by its name, or any other by its hex code. */
export function ColorField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (color: string) => void;
}) {
  const { scheme } = useDashboardContext().theme;
  const [isOpen, setOpen] = useState(false);
  const pick = (color: string): void => {
    setOpen(false);
    onChange(color);
  };
  const swatch = (color: string) => (
    <UnstyledButton
      key={color}
      className={css("swatch")}
      aria-label={color}
      aria-pressed={color === value}
      title={color}
      style={{ background: cssColor(color, scheme) }}
      onClick={() => pick(color)}
    />
  );
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <UnstyledButton
          className={css("target")}
          aria-label={`${label}: ${value === "" ? "none" : value}`}
          title={value}
          style={{ background: value === "" ? "none" : cssColor(value, scheme) }}
          onClick={() => setOpen(!isOpen)}
        />
      </Popover.Target>
      <Popover.Dropdown aria-label={`Choose ${label}`} p={10}>
        <div className={css("palette")}>
          {paletteHues.map(({ name, shades }) => (
            <div key={name} className={css("hue")}>
              {shades.map(swatch)}
            </div>
          ))}
          <div className={css("hue")}>{single.map(swatch)}</div>
        </div>
        <div className={css("custom")}>
          <input
            type="color"
            aria-label={`${label}: any colour`}
            className={css("any")}
            value={hexOf({ ...rgbOf(value, scheme), a: 1 }).slice(0, 7)}
            onChange={({ currentTarget }) => onChange(currentTarget.value)}
          />
          <DraftText label={`${label}: name or hex code`} value={value} placeholder="#73bf69" onCommit={onChange} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
