DROP TABLE public.post;
