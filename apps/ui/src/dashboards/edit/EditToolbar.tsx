import { ActionIcon, Button, Group, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconDeviceFloppy,
  IconSettings,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { useDashboardEdit } from "../draft/edit-context.ts";
import { DashboardMenu } from "./DashboardMenu.tsx";
import { useEditKeys, useEscape } from "./edit-keys.ts";
import { AddMenu } from "./grid/AddMenu.tsx";
import { withAllRows } from "../draft/panel-changes.ts";
import { useLeaveGuard } from "../../shell/leave-guard.ts";
import { useOfferedExtras } from "./save/use-offered-extras.ts";

/** The buttons of the edit mode. */
export default function EditToolbar() {
  const edit = useDashboardEdit();
  const { draft, change, dispatch, openDialog, end, isNew, isChanged } = edit;
  const [params, setParams] = useSearchParams();
  const isInSettings = params.has("editview");
  const isPanelEdited = params.has("editPanel");
  const offered = useOfferedExtras();
  const undone = draft.past.at(-1)?.name;
  const redone = draft.future.at(-1)?.name;
  const leave = (): void => (draft.isDirty || edit.writtenJson !== undefined ? openDialog("leave") : end());
  const toggleSettings = (): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete("editPanel");
      if (isInSettings) next.delete("editview");
      else next.set("editview", "settings");
      return next;
    });
  useEditKeys({
    undo: () => dispatch({ type: "undo" }),
    redo: () => dispatch({ type: "redo" }),
    save: () => openDialog("save"),
    settings: toggleSettings,
    openRows: () => change("Open all rows", (json) => withAllRows(json, false)),
    closeRows: () => change("Close all rows", (json) => withAllRows(json, true)),
  });
  useEscape(isInSettings, toggleSettings);
  useLeaveGuard(draft.isDirty || edit.writtenJson !== undefined);
  return (
    <Group gap={6} role="group" aria-label="Editing">
      <StepButton
        label={undone === undefined ? "Nothing to undo" : `Undo: ${undone}`}
        isOff={undone === undefined}
        icon={<IconArrowBackUp size={17} />}
        onClick={() => dispatch({ type: "undo" })}
      />
      <StepButton
        label={redone === undefined ? "Nothing to redo" : `Redo: ${redone}`}
        isOff={redone === undefined}
        icon={<IconArrowForwardUp size={17} />}
        onClick={() => dispatch({ type: "redo" })}
      />
      {!isInSettings && !isPanelEdited && <AddMenu />}
      <Button
        size="xs"
        variant="default"
        leftSection={isInSettings ? <IconArrowLeft size={15} aria-hidden /> : <IconSettings size={15} aria-hidden />}
        onClick={toggleSettings}
      >
        {isInSettings ? "Back to the dashboard" : "Settings"}
      </Button>
      {!isNew && (
        <Button size="xs" variant="default" onClick={leave}>
          Exit edit
        </Button>
      )}
      <Button.Group>
        <Button
          size="xs"
          // While a panel is edited, "Apply" is the main action.
          variant={isPanelEdited ? "default" : "filled"}
          leftSection={<IconDeviceFloppy size={15} aria-hidden />}
          disabled={!isChanged && !offered.time && !offered.variables}
          onClick={() => openDialog("save")}
        >
          Save
        </Button>
        {!isNew && <DashboardMenu label="More ways to save" isJoined />}
      </Button.Group>
    </Group>
  );
}

function StepButton(props: { label: string; isOff: boolean; icon: ReactNode; onClick: () => void }) {
  const { label, isOff, icon, onClick } = props;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={label}
        aria-disabled={isOff}
        {...(isOff ? { "data-disabled": true } : {})}
        onClick={() => {
          if (!isOff) onClick();
        }}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
