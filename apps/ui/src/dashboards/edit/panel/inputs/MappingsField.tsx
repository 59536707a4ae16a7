import { Button, Menu, NativeSelect } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { textOf } from "../panel-edit.ts";
import { ColorField } from "./ColorField.tsx";
import { DraftNumber } from "./DraftNumber.tsx";
import { DraftText } from "./DraftText.tsx";
import {
  type MappingRow,
  mappingRows,
  type MappingType,
  movedMapping,
  withCondition,
  withKey,
  withNewRow,
  withoutRow,
  withResult,
} from "./mapping-rows.ts";
import { MoveTools, RemoveTool } from "./ItemTools.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./MappingsField.module.css";

const css = classesOf(styles);

const kinds: readonly (readonly [MappingType, string, string])[] = [
  ["value", "Value", "Match a specific text value or number"],
  ["range", "Range", "Match a numerical range of values"],
  ["regex", "Regex", "Match a regular expression with replacement"],
  ["special", "Special", "Match on null, NaN, boolean and empty values"],
];

const specials = [
  { value: "null", label: "Null" },
  { value: "nan", label: "NaN" },
  { value: "null+nan", label: "Null + NaN" },
  { value: "true", label: "True" },
  { value: "false", label: "False" },
  { value: "empty", label: "Empty" },
];

interface MappingsProps {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** Edits the value mappings, which replace values by texts and colours. */
export function MappingsField({ value, onChange }: MappingsProps) {
  return (
    <div className={css("mappings")}>
      {mappingRows(value).map((row, index) => (
        // The index is the React key, because mappings have no id.
        // oxlint-disable-next-line react/no-array-index-key
        <Row key={index} row={row} value={value} onChange={onChange} />
      ))}
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />}>
            Add mapping
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {kinds.map(([type, name, description]) => (
            <Menu.Item key={type} onClick={() => onChange(withNewRow(value, type))}>
              {name}
              <div className={css("hint")}>{description}</div>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Row({ row, value, onChange }: MappingsProps & { row: MappingRow }) {
  const { at, type, result, key } = row;
  const name = `mapping ${at + 1}${key === undefined ? "" : ` of ${key === "" ? "nothing" : key}`}`;
  return (
    <div className={css("row")} role="group" aria-label={name}>
      <div className={css("line")}>
        <span className={css("type")}>{kinds.find(([id]) => id === type)?.[1]}</span>
        <span className={css("tools")}>
          <MoveTools name={name} onMove={(by) => onChange(movedMapping(value, at, by))} />
          <RemoveTool name={name} onClick={() => onChange(withoutRow(value, row))} />
        </span>
      </div>
      <Condition row={row} value={value} onChange={onChange} />
      <div className={css("line")}>
        <DraftText
          label="Display text"
          placeholder="Display text"
          className={css("grow")}
          value={textOf(result, "text")}
          onCommit={(text) => onChange(withResult(value, row, { text: text === "" ? undefined : text }))}
        />
        <ColorField
          label="Color"
          value={textOf(result, "color")}
          onChange={(color) => onChange(withResult(value, row, { color: color === "" ? undefined : color }))}
        />
      </div>
    </div>
  );
}

function Condition({ row, value, onChange }: MappingsProps & { row: MappingRow }) {
  const { type, options, key = "" } = row;
  const bound = (name: "from" | "to") => {
    const given = options[name];
    return (
      <DraftNumber
        label={name === "from" ? "From" : "To"}
        placeholder={name === "from" ? "From" : "To"}
        className={css("grow")}
        value={typeof given === "number" ? given : undefined}
        onCommit={(next) => onChange(withCondition(value, row, { [name]: next ?? null }))}
      />
    );
  };
  switch (type) {
    case "value":
      return (
        <DraftText
          label="Value"
          placeholder="Exact value to match"
          value={key}
          onCommit={(next) => onChange(withKey(value, row, next))}
        />
      );
    case "range":
      return (
        <div className={css("line")}>
          {bound("from")}
          {bound("to")}
        </div>
      );
    case "regex":
      return (
        <DraftText
          label="Regular expression"
          placeholder="Regular expression"
          value={textOf(options, "pattern")}
          onCommit={(pattern) => onChange(withCondition(value, row, { pattern }))}
        />
      );
    case "special":
      return (
        <NativeSelect
          size="xs"
          aria-label="Special value"
          data={specials}
          value={textOf(options, "match")}
          onChange={({ currentTarget }) => onChange(withCondition(value, row, { match: currentTarget.value }))}
        />
      );
  }
}
