-- hasura:no-transaction
DROP INDEX CONCURRENTLY public.post_published_at_idx;
