"""Pictures of motions and of what a run did; matplotlib is the extra `plots`, ffmpeg for MP4 the extra `video`. Pages need neither."""
