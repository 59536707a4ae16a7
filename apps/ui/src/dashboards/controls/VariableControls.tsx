import { Button, Popover, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconSettings } from "@tabler/icons-react";
import type { VariableOption, VariableState } from "@narthex/dashboards";
import { type ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import type { AdHocSuggestions } from "./AdHocFilters.tsx";
import { VariableSelect } from "./VariableSelect.tsx";
import { VariableText } from "./VariableText.tsx";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import styles from "./VariableControls.module.css";

// The ad hoc filters load on demand, because few dashboards use them.
const AdHocFilters = whenLoaded(async () => ({ default: (await import("./AdHocFilters.tsx")).AdHocFilters }), null);
const VariableSwitch = whenLoaded(
  async () => ({ default: (await import("./VariableSwitch.tsx")).VariableSwitch }),
  null,
);

const css = classesOf(styles);

export interface VariableControlsProps {
  readonly states: ReadonlyMap<string, VariableState>;
  readonly onChange: (name: string, options: readonly VariableOption[]) => void;
  /** Called when the user searches the options of a variable, with the variable's name and the search text. */
  readonly onSearch?: (name: string, text: string) => void;
  /** Names of the variables whose options are loading. */
  readonly loading?: ReadonlySet<string>;
  /** Requests suggestions for ad hoc filters. Without it, the user types label names and values. */
  readonly suggestions?: AdHocSuggestions;
}

/** Properties that the controls of all kinds of variables have. */
export interface VariableControlProps {
  readonly state: VariableState;
  readonly label: string;
  readonly onChange: (options: readonly VariableOption[]) => void;
  readonly onSearch?: (text: string) => void;
}

const labelOf = ({ variable: { label, name } }: VariableState): string => (label === "" ? name : label);

/**
 * A control for each variable that the user may change. Variables that the dashboard places in a menu are behind a
 * button.
 */
export function VariableControls(props: VariableControlsProps) {
  const all = [...props.states.values()].filter(({ variable }) => variable.type !== "constant");
  const open = all.filter(({ variable: { hide } }) => hide === "none" || hide === "label");
  const inMenu = all.filter(({ variable: { hide } }) => hide === "menu");
  if (open.length + inMenu.length === 0) return null;
  return (
    <div className={css("controls")} role="group" aria-label="Variables">
      {open.map((state) => (
        <VariableControl key={state.variable.name} {...props} state={state} />
      ))}
      {inMenu.length > 0 && (
        <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
          <Popover.Target>
            <Button variant="default" size="xs" h={30} leftSection={<IconSettings size={15} aria-hidden />}>
              More controls
            </Button>
          </Popover.Target>
          <Popover.Dropdown aria-label="More controls">
            <div className={css("menu")}>
              {inMenu.map((state) => (
                <VariableControl key={state.variable.name} {...props} state={state} />
              ))}
            </div>
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}

function VariableControl(props: VariableControlsProps & { state: VariableState }) {
  const { state, onChange, onSearch, loading } = props;
  const { variable, error } = state;
  const label = labelOf(state);
  return (
    <div className={css("control")} data-variable={variable.name} data-failed={error !== undefined || undefined}>
      {variable.hide !== "label" && (
        <span className={css("label")}>
          <span className={css("name")} title={label}>
            {label}
          </span>
          {variable.description !== "" && (
            <Mark text={variable.description} label={`About ${label}`} className={css("mark")}>
              <IconInfoCircle size={14} aria-hidden />
            </Mark>
          )}
        </span>
      )}
      <Choice
        state={state}
        label={label}
        onChange={(options) => onChange(variable.name, options)}
        {...(onSearch === undefined ? {} : { onSearch: (text: string) => onSearch(variable.name, text) })}
        {...(props.suggestions === undefined ? {} : { suggestions: props.suggestions })}
      />
      {loading?.has(variable.name) === true && (
        <span className={css("loading")} role="status" aria-label={`Loading ${label}`} />
      )}
      {error !== undefined && (
        <Mark text={error} label={`The values of ${label} could not be loaded: ${error}`} className={css("failed")}>
          <IconAlertTriangle size={15} aria-hidden />
        </Mark>
      )}
    </div>
  );
}

/** An icon with a tooltip on hover and focus. */
function Mark(props: { text: string; label: string; className: string; children: ReactNode }) {
  return (
    <Tooltip label={props.text} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={props.className} aria-label={props.label}>
        {props.children}
      </button>
    </Tooltip>
  );
}

function Choice({ suggestions, ...props }: VariableControlProps & { suggestions?: AdHocSuggestions }) {
  switch (props.state.variable.type) {
    case "textbox":
      return <VariableText {...props} />;
    case "switch":
      return <VariableSwitch {...props} />;
    case "adhoc":
      return <AdHocFilters {...props} {...(suggestions === undefined ? {} : { suggestions })} />;
    default:
      return <VariableSelect {...props} />;
  }
}
