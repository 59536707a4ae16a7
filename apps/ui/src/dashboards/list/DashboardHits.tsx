import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { Card } from "../../shell/Card.tsx";
import { EmptyMessage } from "../../shell/StatusMessage.tsx";
import { VirtualList } from "../../shell/VirtualList.tsx";
import { DashboardRow, FolderRow } from "../controls/DashboardRow.tsx";
import type { SearchHit } from "../data/dashboard-api.ts";
import type { ListRow } from "../data/dashboard-list.ts";
import { useFolderAdmin } from "../data/rights.ts";
import { useStars } from "../data/use-dashboards.ts";
import { useIsEditor } from "../../shell/viewer.ts";
import { DashboardMenu } from "./actions/DashboardMenu.tsx";
import type { ListDialog } from "./actions/ListDialogs.tsx";
import { useSelection } from "./actions/selection.ts";
import { SelectionBar } from "./actions/SelectionBar.tsx";
import { useListActions } from "./actions/use-list-actions.ts";
import { FolderActions } from "./folders/FolderActions.tsx";
import type { ListedRows } from "./list-rows.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";

const ListDialogs = whenLoaded(() => import("./actions/ListDialogs.tsx"), null);

interface DashboardHitsProps {
  /** All dashboards and folders of the server. */
  readonly hits: readonly SearchHit[];
  readonly list: ListedRows;
  readonly onTag: (tag: string) => void;
}

const keyOfRow = ({ hit: { type, uid } }: ListRow): string => `${type} ${uid}`;

/** The rows of the list. Editors can select, duplicate, move and delete dashboards. */
export function DashboardHits({ hits, list, onTag }: DashboardHitsProps) {
  const star = useStars();
  const isEditor = useIsEditor() === true;
  const isFolderAdmin = useFolderAdmin();
  const { duplicate, move, remove } = useListActions();
  const shown = list.rows.flatMap(({ hit }) => (hit.type === "dash-db" ? [hit] : []));
  const selection = useSelection(shown);
  const [dialog, setDialog] = useState<ListDialog>();
  if (list.rows.length === 0) {
    return <EmptyMessage title={list.isFiltered ? "No dashboard matches the search" : "This folder is empty"} />;
  }
  const draw = ({ hit, depth, count }: ListRow) =>
    hit.type === "dash-folder" ? (
      <FolderRow
        hit={hit}
        depth={depth}
        count={count}
        isOpen={!list.isClosed(hit.uid)}
        onToggle={() => list.toggleFolder(hit.uid)}
        actions={<FolderActions folder={hit} count={count} isEditor={isEditor} isAdmin={isFolderAdmin(hit.uid)} />}
      />
    ) : (
      <DashboardRow
        hit={hit}
        depth={depth}
        hasFolder={list.isFiltered}
        onStar={star}
        onTag={onTag}
        before={
          isEditor ? (
            <Checkbox
              size="xs"
              aria-label={`Select ${hit.title}`}
              checked={selection.has(hit.uid)}
              // The event of a change does not have the Shift key. A click by the keyboard is a click too.
              onClick={({ shiftKey }) => selection.toggle(hit.uid, shiftKey)}
              readOnly
            />
          ) : undefined
        }
        actions={
          isEditor && (
            <DashboardMenu
              hit={hit}
              onDuplicate={() => duplicate({ hit, hits })}
              onMove={() => setDialog({ kind: "move", hits: [hit] })}
              onDelete={() => setDialog({ kind: "delete", hits: [hit] })}
            />
          )
        }
      />
    );
  return (
    <>
      {selection.hits.length > 0 && (
        <SelectionBar
          count={selection.hits.length}
          onMove={() => setDialog({ kind: "move", hits: selection.hits })}
          onDelete={() => setDialog({ kind: "delete", hits: selection.hits })}
          onClear={selection.clear}
        />
      )}
      <Card role="list" aria-label="Dashboards">
        <VirtualList items={list.rows} keyOf={keyOfRow} render={draw} estimatedHeight={45} />
      </Card>
      {dialog !== undefined && (
        <ListDialogs
          dialog={dialog}
          onMove={(folderUid) => {
            move({ hits: dialog.hits, folderUid });
            selection.clear();
          }}
          onDelete={() => {
            remove(dialog.hits);
            selection.clear();
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}
