ALTER TABLE public.post DROP COLUMN slug;
DROP FUNCTION public.slug_of(text);
