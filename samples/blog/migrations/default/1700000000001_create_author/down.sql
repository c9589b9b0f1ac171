DROP TABLE public.author;
