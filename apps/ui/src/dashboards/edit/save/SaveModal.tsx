import { Modal, Tabs } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { ApiError } from "../../../api/request.ts";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { ChangeList, changesBetween } from "../changes/ChangeList.tsx";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { ConflictView } from "./ConflictView.tsx";
import { CopyForm } from "./CopyForm.tsx";
import { isOtherTime, otherChoices, withChoices, withTime } from "./saved-values.ts";
import { SaveForm } from "./SaveForm.tsx";
import { UnappliedJson } from "./UnappliedJson.tsx";
import { useSave } from "./use-save.ts";

/** The current values (time range, variables) that are saved in addition to the changes. */
export interface SaveExtras {
  readonly time: boolean;
  readonly variables: boolean;
}

/** A dialog that saves a dashboard or a copy of it. */
export function SaveModal({ isCopy: startsAsCopy, onClose }: { isCopy: boolean; onClose: () => void }) {
  const { draft, isNew, canSave } = useDashboardEdit();
  const [wantsCopy, setWantsCopy] = useState(startsAsCopy);
  const [extras, setExtras] = useState<SaveExtras>({ time: false, variables: false });
  const { offered, json } = useSavedJson(extras);
  const save = useSave(onClose);
  const isCopy = wantsCopy || isNew;
  const count = useMemo(() => changesBetween(draft.base, json).length, [draft.base, json]);
  const isConflict = !isCopy && save.error instanceof ApiError && save.error.status === 412;
  const title = isNew ? "Save the dashboard" : isCopy ? "Save a copy" : "Save changes";
  const copyInstead = (): void => {
    save.reset();
    setWantsCopy(true);
  };
  if (isConflict) {
    return (
      <Modal opened size="lg" onClose={onClose} title="Another user has saved this dashboard">
        <ConflictView json={json} save={save} onCopy={copyInstead} onClose={onClose} />
      </Modal>
    );
  }
  return (
    <Modal opened size="lg" onClose={onClose} title={title}>
      <Tabs defaultValue="details" keepMounted>
        <Tabs.List mb="sm">
          <Tabs.Tab value="details">Details</Tabs.Tab>
          {!isNew && <Tabs.Tab value="changes">Changes ({count})</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="details">
          <UnappliedJson />
          {isCopy ? (
            <CopyForm json={json} save={save} onCancel={onClose} />
          ) : (
            <SaveForm
              json={json}
              save={save}
              canSave={canSave}
              offered={offered}
              extras={extras}
              onExtras={setExtras}
              onCopy={copyInstead}
              onCancel={onClose}
            />
          )}
        </Tabs.Panel>
        {!isNew && (
          <Tabs.Panel value="changes">
            <ChangeList before={draft.base} after={json} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Modal>
  );
}

/**
 * Returns the JSON to save, and the current time range and variable values if they differ from the saved ones. The form
 * offers to save these values too.
 */
function useSavedJson(extras: SaveExtras): { readonly offered: SaveExtras; readonly json: JsonObject } {
  const { draft, dashboard } = useDashboardEdit();
  const { raw, lookupFor } = useDashboardContext();
  const [params] = useSearchParams();
  const choices = useMemo(
    () => otherChoices(dashboard.variables, params, lookupFor()),
    [dashboard.variables, params, lookupFor],
  );
  const offered = { time: isOtherTime(dashboard, raw), variables: choices.size > 0 };
  const json = useMemo(() => {
    const timed = extras.time ? withTime(draft.json, raw, params.get("refresh")) : draft.json;
    return extras.variables ? withChoices(timed, dashboard.variables, choices) : timed;
  }, [extras, draft.json, raw, params, dashboard.variables, choices]);
  return { offered, json };
}
