DROP TABLE public.comment;
