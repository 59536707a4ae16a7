import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";

/** Selects one scrape pool, or all. */
export function PoolSelect({ value, onChange }: { value: string; onChange: (pool: string) => void }) {
  const pools = useQuery({ queryKey: ["scrape-pools"], queryFn: ({ signal }) => prometheus.scrapePools(signal) });
  const names = pools.data?.data.scrapePools ?? [];
  const known = value === "" || names.includes(value) ? names : [...names, value];
  return (
    <Select
      aria-label="Scrape pool"
      placeholder="All scrape pools"
      searchable
      clearable
      limit={200}
      data={known}
      value={value === "" ? null : value}
      onChange={(pool) => onChange(pool ?? "")}
      w={{ base: "100%", sm: 240 }}
    />
  );
}
