import "../styles/mantine.css";
import { Button, Group, NativeSelect, Switch } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { Card } from "../../shell/Card.tsx";
import { TagButton } from "../../shell/Labels.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { SearchInput } from "../../shell/SearchInput.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { VirtualList } from "../../shell/VirtualList.tsx";
import { useUrlText } from "../../shell/url-state.ts";
import { useToggleSet } from "../../shell/use-toggle-set.ts";
import type { SearchHit } from "../data/dashboard-api.ts";
import {
  matchingHits,
  folderRows,
  isFiltered,
  type ListFilter,
  type ListRow,
  tagCounts,
} from "../data/dashboard-list.ts";
import { DashboardRow, FolderRow } from "../controls/DashboardRow.tsx";
import { FolderActions, FolderPermissionsLink, folderPermissionsPath } from "./folders/FolderActions.tsx";
import { NewMenu } from "./NewMenu.tsx";
import { NoDashboards } from "./NoDashboards.tsx";
import { useDashboards, useStars } from "../data/use-dashboards.ts";
import { useFolderAdmin } from "../data/rights.ts";
import { useIsEditor } from "../data/viewer.ts";

/** Maximum number of tags that are shown above the list. */
const MAX_TAGS = 12;
const NO_HITS: readonly SearchHit[] = [];

/** Returns the filter in the page's address, and functions that change it. */
function useListFilter() {
  const [text, setText] = useUrlText("query");
  const [sort, setSort] = useUrlText("sort");
  const [starred, setStarred] = useUrlText("starred");
  const [params, setParams] = useSearchParams();
  const tags = useMemo(() => params.getAll("tag"), [params]);
  const toggleTag = (tag: string): void =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (tags.includes(tag)) next.delete("tag", tag);
        else next.append("tag", tag);
        return next;
      },
      { replace: true },
    );
  const filter: ListFilter = {
    text,
    tags,
    isStarredOnly: starred === "true",
    order: sort === "alpha-desc" ? "alpha-desc" : "alpha-asc",
  };
  return { filter, setText, setSort, setStarred, toggleTag };
}

/** Lists all dashboards in their folders, or the results of a search. */
export default function DashboardListPage() {
  const { uid: root = "" } = useParams();
  const { filter, setText, setSort, setStarred, toggleTag } = useListFilter();
  const { data: hits = NO_HITS, error, isPending, refetch } = useDashboards(filter.text);
  const folder = hits.find(({ uid, type }) => uid === root && type === "dash-folder");
  const dashboards = hits.filter(({ type }) => type === "dash-db").length;
  return (
    <>
      <PageHeader
        title={folder?.title ?? "Dashboards"}
        toolbar={
          <Group gap={6}>
            {folder !== undefined && <PermissionsButton folder={folder} />}
            <NewMenu folderUid={root} />
          </Group>
        }
      >
        {!isPending && (dashboards === 1 ? "1 dashboard" : `${dashboards} dashboards`)}
      </PageHeader>
      <Group gap="sm" mb="sm">
        <SearchInput label="Search dashboards" value={filter.text} onChange={setText} />
        <Switch
          size="xs"
          label="Starred"
          checked={filter.isStarredOnly}
          onChange={({ currentTarget }) => setStarred(currentTarget.checked ? "true" : "")}
        />
        <NativeSelect
          size="xs"
          aria-label="Order"
          value={filter.order}
          data={[
            { value: "alpha-asc", label: "A to Z" },
            { value: "alpha-desc", label: "Z to A" },
          ]}
          onChange={({ currentTarget: { value } }) => setSort(value === "alpha-asc" ? "" : value)}
        />
      </Group>
      <TagChoices hits={hits} chosen={filter.tags} onToggle={toggleTag} />
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {isPending && <LoadingMessage label="Loading dashboards" />}
      {!isPending && hits.length === 0 && error === null && filter.text === "" && <NoDashboards />}
      {(hits.length > 0 || filter.text !== "") && (
        <Hits hits={hits} filter={filter} root={folder === undefined ? "" : root} onTag={toggleTag} />
      )}
    </>
  );
}

/** The link to the permissions of the open folder. */
function PermissionsButton({ folder }: { folder: SearchHit }) {
  const isFolderAdmin = useFolderAdmin();
  if (!isFolderAdmin(folder.uid)) return null;
  return (
    <Button
      component={Link}
      to={folderPermissionsPath(folder)}
      size="xs"
      variant="default"
      leftSection={<IconLock size={15} aria-hidden />}
    >
      Permissions
    </Button>
  );
}

function TagChoices(props: { hits: readonly SearchHit[]; chosen: readonly string[]; onToggle: (tag: string) => void }) {
  const { hits, chosen, onToggle } = props;
  const counts = useMemo(() => tagCounts(hits), [hits]);
  const offered = counts.filter(([tag], at) => at < MAX_TAGS || chosen.includes(tag));
  const unknown = chosen.filter((tag) => !counts.some(([known]) => known === tag));
  if (offered.length + unknown.length === 0) return null;
  return (
    <Group gap={6} mb="sm" role="group" aria-label="Tags">
      {[...unknown.map((tag) => [tag, 0] as const), ...offered].map(([tag, count]) => (
        <TagButton key={tag} aria-pressed={chosen.includes(tag)} onClick={() => onToggle(tag)}>
          {chosen.includes(tag) ? "✓ " : ""}
          {tag} ({count})
        </TagButton>
      ))}
    </Group>
  );
}

interface HitsProps {
  readonly hits: readonly SearchHit[];
  readonly filter: ListFilter;
  readonly root: string;
  readonly onTag: (tag: string) => void;
}

const keyOfRow = ({ hit: { type, uid } }: ListRow): string => `${type} ${uid}`;

function Hits({ hits, filter, root, onTag }: HitsProps) {
  const star = useStars();
  const isEditor = useIsEditor();
  const isFolderAdmin = useFolderAdmin();
  const closed = useToggleSet("dashboards.closedFolders");
  const hasFilter = isFiltered(filter);
  const fitting = hasFilter ? matchingHits(hits, filter).filter(({ type }) => type === "dash-db") : NO_HITS;
  const rows: readonly ListRow[] = hasFilter
    ? fitting.map((hit) => ({ hit, depth: 0, count: 1 }))
    : folderRows(hits, filter.order, closed.has, root);
  if (rows.length === 0) {
    return <EmptyMessage title={hasFilter ? "No dashboard matches the search" : "This folder is empty"} />;
  }
  const draw = ({ hit, depth, count }: ListRow) =>
    hit.type === "dash-folder" ? (
      <FolderRow
        hit={hit}
        depth={depth}
        count={count}
        isOpen={!closed.has(hit.uid)}
        onToggle={() => closed.toggle(hit.uid)}
        actions={
          <Group gap={2} wrap="nowrap" ml="auto">
            {isFolderAdmin(hit.uid) && <FolderPermissionsLink folder={hit} />}
            {isEditor === true && <FolderActions folder={hit} count={count} />}
          </Group>
        }
      />
    ) : (
      <DashboardRow hit={hit} depth={depth} hasFolder={hasFilter} onStar={star} onTag={onTag} />
    );
  return (
    <Card role="list" aria-label="Dashboards">
      <VirtualList items={rows} keyOf={keyOfRow} render={draw} estimatedHeight={45} />
    </Card>
  );
}
