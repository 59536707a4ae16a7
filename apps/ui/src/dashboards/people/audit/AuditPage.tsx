import { Button, Group } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Card } from "../../../shell/Card.tsx";
import { EmptyMessage } from "../../../shell/StatusMessage.tsx";
import { useUrlText } from "../../../shell/url-state.ts";
import { nowMs } from "../../../time/browser-clock.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { type AuditFilter, type AuditPage as RecordPage, exportAddress, fetchAuditPage } from "./audit-api.ts";
import { AuditFilters, type FilterTexts } from "./AuditFilters.tsx";
import { AuditTable } from "./AuditTable.tsx";

/** Page that shows the audit log, with a search and an export. */
export default function AuditPage() {
  return (
    <AdministrationPage
      title="Audit log"
      isFor={({ isServerAdmin }) => isServerAdmin}
      reason="Only admins of the server see the audit log."
      summary="Changes and sign-ins"
    >
      {() => <AuditList />}
    </AdministrationPage>
  );
}

/** Returns the filters in the page's URL, and a function that sets one of them. */
function useFilter(): readonly [FilterTexts, (name: keyof FilterTexts, text: string) => void] {
  const [q, setQ] = useUrlText("q");
  const [actor, setActor] = useUrlText("actor");
  const [kind, setKind] = useUrlText("kind");
  const [action, setAction] = useUrlText("action");
  const [span, setSpan] = useUrlText("span");
  const setters = { q: setQ, actor: setActor, kind: setKind, action: setAction, span: setSpan };
  return [{ q, actor, kind, action, span }, (name, text) => setters[name](text)];
}

function AuditList() {
  const [texts, setText] = useFilter();
  const { q, actor, kind, action, span } = texts;
  const filter = useMemo<AuditFilter>(
    () => ({ q, actor, kind, action, from: /^\d{1,12}$/.test(span) ? String(nowMs() - Number(span)) : "" }),
    [q, actor, kind, action, span],
  );
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) => fetchAuditPage(filter, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
  return (
    <>
      <AuditFilters filter={texts} onChange={setText} />
      <Fetched result={{ data, error, refetch }} label="Loading the audit log">
        {({ pages }) => (
          <>
            <Records pages={pages} emptyTitle={hasNextPage ? "No recent record matches" : "No record matches"} />
            <Group mt="sm">
              {hasNextPage && (
                <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                  Search older records
                </Button>
              )}
              <Button
                component="a"
                href={exportAddress(filter)}
                download
                size="xs"
                variant="subtle"
                leftSection={<IconDownload size={15} aria-hidden />}
              >
                Export as JSON lines
              </Button>
            </Group>
          </>
        )}
      </Fetched>
    </>
  );
}

function Records({ pages, emptyTitle }: { pages: readonly RecordPage[]; emptyTitle: string }) {
  const records = useMemo(() => pages.flatMap((page) => page.records), [pages]);
  if (records.length === 0) return <EmptyMessage title={emptyTitle} />;
  return (
    <Card>
      <AuditTable records={records} />
    </Card>
  );
}
