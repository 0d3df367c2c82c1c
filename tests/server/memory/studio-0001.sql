BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE commands (
	session_id TEXT NOT NULL, 
	client_id TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (session_id, client_id)
)
 WITHOUT ROWID

;
INSERT INTO "commands" VALUES('session-1','key-cancelled','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-cancelled"}','2026-11-22T12:00:25.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-failed','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-failed"}','2026-11-22T12:00:15.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-finished','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-finished"}','2026-11-22T12:00:03.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-leaving','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-leaving"}','2026-11-22T12:00:37.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-queued','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-queued"}','2026-11-22T12:00:35.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-rendering','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-rendering"}','2026-11-22T12:00:47.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-storing','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-storing"}','2026-11-22T12:00:55.123456+00:00');
INSERT INTO "commands" VALUES('session-1','key-submitting','66877d2295c533f519a94f8ae41b9562ceaae9c05e33bb7980ba10f9dd453e47','{"job_id": "job-submitting"}','2026-11-22T12:00:40.123456+00:00');
CREATE TABLE creatives (
	id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	session_id TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	job_id TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id), 
	UNIQUE (job_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
INSERT INTO "creatives" VALUES('video-1','acme','session-1','spring','job-finished','2026-11-22T12:00:00.123456+00:00','{"id":"video-1","tenant_id":"acme","session_id":"session-1","campaign_id":"spring","job_id":"job-finished","status":"needsReview","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"refined_prompt":"Subject: oat drink","model_key":"draft","requested_key":"sora-2-pro","film":{"path":"videos/generated/video-1.mp4","poster_path":"videos/generated/video-1.jpg","preview_path":"videos/generated/video-1-preview.mp4","size_bytes":1000000,"frame":{"width":1080,"height":1920},"length_s":6,"provider":"local","generated_at":"2026-11-22T12:00:00.123456Z"},"cost":{"micros":0},"warnings":[{"code":"references_not_supported","message":"The logo was left out."}],"created_at":"2026-11-22T12:00:00.123456Z","updated_at":"2026-11-22T12:00:00.123456Z","note":"warmer, please"}');
CREATE TABLE entries (
	session_id TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	type TEXT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (session_id, seq), 
	FOREIGN KEY(session_id) REFERENCES sessions (id)
)
 WITHOUT ROWID

;
INSERT INTO "entries" VALUES('session-1',1,'2026-11-22T12:00:01.123456+00:00','upload.added','{"turn_id":null,"job_id":null,"upload":{"id":"upload-1","tenant_id":"acme","user_id":"ada","session_id":"session-1","role":"logo","path":"videos/references/upload-1.png","content_type":"image/png","size_bytes":12345,"width":400,"height":300,"uploaded_at":"2026-11-22T12:00:00.123456Z","warnings":[{"code":"small_image","message":"It is smaller than 512 pixels."}]}}');
INSERT INTO "entries" VALUES('session-1',2,'2026-11-22T12:00:03.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-finished","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',3,'2026-11-22T12:00:05.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-finished","stage":"refining","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',4,'2026-11-22T12:00:08.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-finished","stage":"submitting","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',5,'2026-11-22T12:00:09.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-finished","stage":"rendering","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',6,'2026-11-22T12:00:11.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-finished","stage":"storing","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',7,'2026-11-22T12:00:13.123456+00:00','creative.added','{"turn_id":null,"job_id":"job-finished","creative":{"id":"video-1","tenant_id":"acme","session_id":"session-1","campaign_id":"spring","job_id":"job-finished","status":"needsReview","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"refined_prompt":"Subject: oat drink","model_key":"draft","requested_key":"sora-2-pro","film":{"path":"videos/generated/video-1.mp4","poster_path":"videos/generated/video-1.jpg","preview_path":"videos/generated/video-1-preview.mp4","size_bytes":1000000,"frame":{"width":1080,"height":1920},"length_s":6,"provider":"local","generated_at":"2026-11-22T12:00:00.123456Z"},"cost":{"micros":0},"warnings":[{"code":"references_not_supported","message":"The logo was left out."}],"created_at":"2026-11-22T12:00:00.123456Z","updated_at":"2026-11-22T12:00:00.123456Z","note":"warmer, please"}}');
INSERT INTO "entries" VALUES('session-1',8,'2026-11-22T12:00:13.123456+00:00','message.added','{"turn_id":null,"job_id":"job-finished","message_id":"msg-1","sender":"system","text":"✅ Video generated and added to creatives! Model: draft, Duration: 6s","uploads":[],"client_id":null,"replaces":null,"step":"assetGeneration","code":"video.ready","suggestions":["Make it again in 9:16","Again but shorter","Try another hook"]}');
INSERT INTO "entries" VALUES('session-1',9,'2026-11-22T12:00:15.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-failed","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',10,'2026-11-22T12:00:17.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-failed","stage":"refining","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',11,'2026-11-22T12:00:20.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-failed","stage":"submitting","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',12,'2026-11-22T12:00:21.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-failed","stage":"rendering","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',13,'2026-11-22T12:00:23.123456+00:00','video.failed','{"turn_id":null,"job_id":"job-failed","error":{"code":"provider_unavailable","message":"Please try again.","retryable":true,"field":"model","retry_after_ms":1500,"details":{"known":["draft"],"nested":{"deep":[1,2.5,null,true]}}},"charged":"no","cost":null}');
INSERT INTO "entries" VALUES('session-1',14,'2026-11-22T12:00:25.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-cancelled","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',15,'2026-11-22T12:00:27.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-cancelled","stage":"refining","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',16,'2026-11-22T12:00:30.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-cancelled","stage":"submitting","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',17,'2026-11-22T12:00:33.123456+00:00','video.cancelled','{"turn_id":null,"job_id":"job-cancelled","reason":"cancelled","charged":"no","cost":null}');
INSERT INTO "entries" VALUES('session-1',18,'2026-11-22T12:00:35.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-queued","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',19,'2026-11-22T12:00:37.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-leaving","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',20,'2026-11-22T12:00:40.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-submitting","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',21,'2026-11-22T12:00:42.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-submitting","stage":"refining","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',22,'2026-11-22T12:00:45.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-submitting","stage":"submitting","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',23,'2026-11-22T12:00:47.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-rendering","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',24,'2026-11-22T12:00:49.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-rendering","stage":"refining","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',25,'2026-11-22T12:00:52.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-rendering","stage":"submitting","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',26,'2026-11-22T12:00:53.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-rendering","stage":"rendering","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',27,'2026-11-22T12:00:55.123456+00:00','video.queued','{"turn_id":"turn-1","job_id":"job-storing","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]}}');
INSERT INTO "entries" VALUES('session-1',28,'2026-11-22T12:00:57.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-storing","stage":"refining","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',29,'2026-11-22T12:01:00.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-storing","stage":"submitting","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',30,'2026-11-22T12:01:01.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-storing","stage":"rendering","clip":null,"clips":null,"eta_s":null}');
INSERT INTO "entries" VALUES('session-1',31,'2026-11-22T12:01:03.123456+00:00','video.changed','{"turn_id":null,"job_id":"job-storing","stage":"storing","clip":null,"clips":null,"eta_s":null}');
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	session_id TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	prediction_id TEXT, 
	created_at TEXT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id), 
	UNIQUE (prediction_id)
);
INSERT INTO "jobs" VALUES('job-finished','acme','session-1','finished',7,'draft-finished','2026-11-22T12:00:02.123456+00:00','{"id":"job-finished","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:02.123456Z","stage":"finished","version":7,"refined_prompt":"Subject: oat drink","prediction_id":"draft-finished","started_at":"2026-11-22T12:00:04.123456Z","ended_at":"2026-11-22T12:00:12.123456Z","cancel_requested":false,"failure":null,"charged":"no","creative":{"id":"video-1","tenant_id":"acme","session_id":"session-1","campaign_id":"spring","job_id":"job-finished","status":"needsReview","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"refined_prompt":"Subject: oat drink","model_key":"draft","requested_key":"sora-2-pro","film":{"path":"videos/generated/video-1.mp4","poster_path":"videos/generated/video-1.jpg","preview_path":"videos/generated/video-1-preview.mp4","size_bytes":1000000,"frame":{"width":1080,"height":1920},"length_s":6,"provider":"local","generated_at":"2026-11-22T12:00:00.123456Z"},"cost":{"micros":0},"warnings":[{"code":"references_not_supported","message":"The logo was left out."}],"created_at":"2026-11-22T12:00:00.123456Z","updated_at":"2026-11-22T12:00:00.123456Z","note":"warmer, please"}}');
INSERT INTO "jobs" VALUES('job-failed','acme','session-1','failed',6,'draft-failed','2026-11-22T12:00:14.123456+00:00','{"id":"job-failed","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:14.123456Z","stage":"failed","version":6,"refined_prompt":"Subject: oat drink","prediction_id":"draft-failed","started_at":"2026-11-22T12:00:16.123456Z","ended_at":"2026-11-22T12:00:22.123456Z","cancel_requested":false,"failure":{"code":"provider_unavailable","message":"Please try again.","retryable":true,"field":"model","retry_after_ms":1500,"details":{"known":["draft"],"nested":{"deep":[1,2.5,null,true]}}},"charged":"no","creative":null}');
INSERT INTO "jobs" VALUES('job-cancelled','acme','session-1','cancelled',6,NULL,'2026-11-22T12:00:24.123456+00:00','{"id":"job-cancelled","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:24.123456Z","stage":"cancelled","version":6,"refined_prompt":"Subject: oat drink","prediction_id":null,"started_at":"2026-11-22T12:00:26.123456Z","ended_at":"2026-11-22T12:00:32.123456Z","cancel_requested":true,"failure":null,"charged":"no","creative":null}');
INSERT INTO "jobs" VALUES('job-queued','acme','session-1','queued',1,NULL,'2026-11-22T12:00:34.123456+00:00','{"id":"job-queued","tenant_id":"acme","user_id":"bob","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:34.123456Z","stage":"queued","version":1,"refined_prompt":null,"prediction_id":null,"started_at":null,"ended_at":null,"cancel_requested":false,"failure":null,"charged":null,"creative":null}');
INSERT INTO "jobs" VALUES('job-leaving','acme','session-1','queued',2,NULL,'2026-11-22T12:00:36.123456+00:00','{"id":"job-leaving","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:36.123456Z","stage":"queued","version":2,"refined_prompt":null,"prediction_id":null,"started_at":null,"ended_at":null,"cancel_requested":true,"failure":null,"charged":null,"creative":null}');
INSERT INTO "jobs" VALUES('job-submitting','acme','session-1','submitting',4,NULL,'2026-11-22T12:00:39.123456+00:00','{"id":"job-submitting","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:39.123456Z","stage":"submitting","version":4,"refined_prompt":"Subject: oat drink","prediction_id":null,"started_at":"2026-11-22T12:00:41.123456Z","ended_at":null,"cancel_requested":false,"failure":null,"charged":null,"creative":null}');
INSERT INTO "jobs" VALUES('job-rendering','acme','session-1','rendering',5,'draft-rendering','2026-11-22T12:00:46.123456+00:00','{"id":"job-rendering","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:46.123456Z","stage":"rendering","version":5,"refined_prompt":"Subject: oat drink","prediction_id":"draft-rendering","started_at":"2026-11-22T12:00:48.123456Z","ended_at":null,"cancel_requested":false,"failure":null,"charged":null,"creative":null}');
INSERT INTO "jobs" VALUES('job-storing','acme','session-1','storing',6,'draft-storing','2026-11-22T12:00:54.123456+00:00','{"id":"job-storing","tenant_id":"acme","user_id":"ada","session_id":"session-1","campaign_id":"spring","turn_id":"turn-1","request":{"prompt":"Oat drink, 晴れ ☀️","model_key":"sora-2-pro","length_s":6,"aspect_ratio":"16:9","references":[{"upload_id":"upload-1","path":"videos/references/upload-1.png","role":"logo","uploaded_at":"2026-11-22T12:00:00.123456Z","given_url":"https://studio.example/media/videos/references/upload-1.png"}],"refinement_prompt":null,"refined_prompt":null},"quote":{"model_key":"draft","requested_key":"sora-2-pro","lines":[{"description":"6 s with Draft","seconds":6,"amount":{"micros":0}}],"warnings":[]},"provider":"local","created_at":"2026-11-22T12:00:54.123456Z","stage":"storing","version":6,"refined_prompt":"Subject: oat drink","prediction_id":"draft-storing","started_at":"2026-11-22T12:00:56.123456Z","ended_at":null,"cancel_requested":false,"failure":null,"charged":null,"creative":null}');
CREATE TABLE ledger (
	job_id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	reserved_micros BIGINT NOT NULL, 
	spent_micros BIGINT, 
	reserved_at TEXT NOT NULL, 
	settled_at TEXT, 
	PRIMARY KEY (job_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
INSERT INTO "ledger" VALUES('job-finished','acme','spring',0,0,'2026-11-22T12:00:03.123456+00:00','2026-11-22T12:00:13.123456+00:00');
INSERT INTO "ledger" VALUES('job-failed','acme','spring',0,0,'2026-11-22T12:00:15.123456+00:00','2026-11-22T12:00:23.123456+00:00');
INSERT INTO "ledger" VALUES('job-cancelled','acme','spring',0,0,'2026-11-22T12:00:25.123456+00:00','2026-11-22T12:00:33.123456+00:00');
INSERT INTO "ledger" VALUES('job-queued','acme','spring',0,NULL,'2026-11-22T12:00:35.123456+00:00',NULL);
INSERT INTO "ledger" VALUES('job-leaving','acme','spring',0,NULL,'2026-11-22T12:00:37.123456+00:00',NULL);
INSERT INTO "ledger" VALUES('job-submitting','acme','spring',0,NULL,'2026-11-22T12:00:40.123456+00:00',NULL);
INSERT INTO "ledger" VALUES('job-rendering','acme','spring',0,NULL,'2026-11-22T12:00:47.123456+00:00',NULL);
INSERT INTO "ledger" VALUES('job-storing','acme','spring',0,NULL,'2026-11-22T12:00:55.123456+00:00',NULL);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('epoch','bdb418e51e4b5079');
CREATE TABLE sessions (
	id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	head INTEGER NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sessions" VALUES('session-1','acme','spring','ada','',31,'2026-11-22T12:00:00.123456+00:00','2026-11-22T12:01:03.123456+00:00');
CREATE TABLE turns (
	id TEXT NOT NULL, 
	session_id TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id)
);
CREATE TABLE uploads (
	id TEXT NOT NULL, 
	tenant_id TEXT NOT NULL, 
	session_id TEXT, 
	path TEXT NOT NULL, 
	uploaded_at TEXT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (path)
);
INSERT INTO "uploads" VALUES('upload-1','acme','session-1','videos/references/upload-1.png','2026-11-22T12:00:00.123456+00:00','{"id":"upload-1","tenant_id":"acme","user_id":"ada","session_id":"session-1","role":"logo","path":"videos/references/upload-1.png","content_type":"image/png","size_bytes":12345,"width":400,"height":300,"uploaded_at":"2026-11-22T12:00:00.123456Z","warnings":[{"code":"small_image","message":"It is smaller than 512 pixels."}]}');
CREATE INDEX sessions_by_campaign ON sessions (tenant_id, campaign_id, updated_at);
CREATE INDEX turns_by_session ON turns (session_id, state, place);
CREATE INDEX commands_by_age ON commands (at);
CREATE INDEX uploads_by_session ON uploads (session_id, uploaded_at);
CREATE INDEX jobs_by_stage ON jobs (stage, created_at);
CREATE INDEX jobs_by_session ON jobs (session_id, created_at);
CREATE INDEX creatives_by_session ON creatives (session_id, created_at);
CREATE INDEX ledger_by_campaign ON ledger (tenant_id, campaign_id);
COMMIT;
