-- hasura:no-transaction
-- Hasura's own CLI runs this file with: hasura migrate apply --no-transaction
CREATE INDEX CONCURRENTLY post_published_at_idx ON public.post (published_at DESC) WHERE published_at IS NOT NULL;
