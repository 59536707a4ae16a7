import "../styles/mantine.css";
import { Button, Group, NativeSelect, Switch } from "@mantine/core";
import { IconLock, IconTrash } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { TagButton } from "../../shell/Labels.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { SearchInput } from "../../shell/SearchInput.tsx";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { useUrlText } from "../../shell/url-state.ts";
import type { SearchHit } from "../data/dashboard-api.ts";
import { type ListFilter, tagCounts } from "../data/dashboard-list.ts";
import { DashboardHits } from "./DashboardHits.tsx";
import { folderPermissionsPath } from "./folders/FolderActions.tsx";
import { type ListedRows, useListRows } from "./list-rows.ts";
import { NewMenu } from "./NewMenu.tsx";
import { NoDashboards } from "./NoDashboards.tsx";
import { useDashboards } from "../data/use-dashboards.ts";
import { useFolderAdmin } from "../data/rights.ts";
import { useIsEditor } from "../../shell/viewer.ts";

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
  const isEditor = useIsEditor();
  const folder = hits.find(({ uid, type }) => uid === root && type === "dash-folder");
  const inFolder = folder === undefined ? "" : root;
  const rows = useListRows(hits, filter, inFolder);
  return (
    <>
      <PageHeader
        title={folder?.title ?? "Dashboards"}
        toolbar={
          <Group gap={6}>
            {folder !== undefined && <PermissionsButton folder={folder} />}
            {isEditor === true && (
              <Button
                component={Link}
                to="/dashboard/recently-deleted"
                size="xs"
                variant="subtle"
                color="gray"
                leftSection={<IconTrash size={15} aria-hidden />}
              >
                Deleted
              </Button>
            )}
            <NewMenu folderUid={root} />
          </Group>
        }
      >
        {!isPending && countText(rows)}
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
      {(hits.length > 0 || filter.text !== "") && <DashboardHits hits={hits} list={rows} onTag={toggleTag} />}
    </>
  );
}

/** Returns the number of listed dashboards, and of all dashboards if the filter hides some. */
function countText({ matching, all }: ListedRows): string {
  const total = all === 1 ? "1 dashboard" : `${all} dashboards`;
  return matching === all ? total : `${matching} of ${total}`;
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
