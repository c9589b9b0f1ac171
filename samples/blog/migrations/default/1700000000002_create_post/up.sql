CREATE TABLE public.post (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id uuid NOT NULL REFERENCES public.author (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    body text NOT NULL,
    published_at timestamptz
);
COMMENT ON TABLE public.post IS 'A post is a draft until published_at is set.';
