CREATE FUNCTION public.slug_of(title text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT trim(BOTH '-' FROM regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'));
$$;
ALTER TABLE public.post ADD COLUMN slug text GENERATED ALWAYS AS (public.slug_of(title)) STORED;
