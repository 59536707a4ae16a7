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
import { ExtrasFields } from "./ExtrasFields.tsx";
import { type OtherChoices, withChoices, withTime } from "./saved-values.ts";
import { SaveForm } from "./SaveForm.tsx";
import { UnappliedJson } from "./UnappliedJson.tsx";
import { type SaveExtras, useOfferedExtras } from "./use-offered-extras.ts";
import { useSave } from "./use-save.ts";

/** A dialog that saves a dashboard or a copy of it. */
export function SaveModal({ isCopy: startsAsCopy, onClose }: { isCopy: boolean; onClose: () => void }) {
  const { draft, isNew, isChanged, canSave } = useDashboardEdit();
  const [wantsCopy, setWantsCopy] = useState(startsAsCopy);
  const offered = useOfferedExtras();
  // A new dashboard keeps what the user sees. Without other changes, the current values are the reason of the save.
  const [isKept] = useState(isNew || (!isChanged && !startsAsCopy));
  const [extras, setExtras] = useState<SaveExtras>({ time: isKept, variables: isKept });
  const json = useSavedJson(extras, offered.choices);
  const extrasFields = <ExtrasFields offered={offered} extras={extras} onExtras={setExtras} />;
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
            <CopyForm json={json} save={save} extras={extrasFields} onCancel={onClose} />
          ) : (
            <SaveForm
              json={json}
              save={save}
              canSave={canSave}
              extras={extrasFields}
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

/** Returns the JSON to save, with the current values that the user wants to save too. */
function useSavedJson(extras: SaveExtras, choices: OtherChoices): JsonObject {
  const { draft, dashboard } = useDashboardEdit();
  const { raw } = useDashboardContext();
  const [params] = useSearchParams();
  return useMemo(() => {
    const timed = extras.time ? withTime(draft.json, raw, params) : draft.json;
    return extras.variables ? withChoices(timed, dashboard.variables, choices) : timed;
  }, [extras, draft.json, raw, params, dashboard.variables, choices]);
}
